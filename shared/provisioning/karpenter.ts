import { SlipwayError } from '../errors/slipway-error.ts';
import type { ClusterObject, ClusterObjects, NewClusterObject } from '../kubernetes/cluster-objects.ts';
import { isRecord } from '../workspace/json-object.ts';
import { inPortTerms } from './from-cluster-error.ts';
import {
  nodeClaims,
  nodeClasses,
  nodePools,
  poolLabel,
  renderNodeClass,
  renderNodePool,
} from './karpenter-objects.ts';
import { toPoolViews } from './karpenter-view.ts';
import type { NodeProvisioner, PoolPower, PoolRequest, PoolView, PowerState } from './node-provisioner.ts';
import { PoolTag, ProvisioningError } from './node-provisioner.ts';
import { checkName, nameTaken, notOurs, poolGone } from './refusals-of-ours.ts';
import { removeClaims } from './remove-claims.ts';
import { areOurs, tagsAmong } from './stored-tags.ts';

export interface KarpenterOptions {
  objects: ClusterObjects;
  /** AKSNodeClasses of the deployment: the first is used where a request names none. Empty: Slipway makes its own. */
  nodeClasses: readonly string[];
  /** Azure's name of the cluster's region; asked for only where zones are. */
  region: () => Promise<string>;
  powerState: () => Promise<PowerState>;
}

/** Nodes by Karpenter (AKS node auto-provisioning): a static NodePool for each allocation. See {@link NodeProvisioner} for the contract. */
export class KarpenterProvisioner implements NodeProvisioner {
  readonly #options: KarpenterOptions;

  constructor(options: KarpenterOptions) {
    this.#options = options;
  }

  list(): Promise<PoolView[]> {
    const { objects } = this.#options;
    return inPortTerms(async () => {
      const [pools, claims] = await Promise.all([objects.list(nodePools), objects.list(nodeClaims)]);
      return toPoolViews(pools, claims);
    });
  }

  create(request: PoolRequest): Promise<'started' | 'exists'> {
    return inPortTerms(async () => {
      checkName(request.name);
      refuseReservation(request);
      const nodeClass = request.nodeClass ?? this.#options.nodeClasses[0] ?? (await this.#ownClass(request));
      const region = request.placement.zones.length === 0 ? '' : await this.#options.region();
      try {
        await this.#options.objects.create(nodePools, renderNodePool(request, { nodeClass, region }));
        return 'started';
      } catch (thrown) {
        if (isRefusedField(thrown, 'replicas')) throw noStaticCapacity(thrown);
        if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
      }
      const pool = await this.#find(request.name);
      if (pool === undefined) throw poolGone(kind, request.name);
      const tags = tagsAmong(pool.metadata.annotations);
      if (areOurs(tags) && tags[PoolTag.uid] === request.tags[PoolTag.uid]) return 'exists';
      throw nameTaken(kind, request.name);
    });
  }

  /** Karpenter cannot stop machines: `stopped` means none. */
  scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    const replicas = power === 'stopped' ? 0 : count;
    return inPortTerms(async () => {
      const pool = await this.#find(name);
      if (pool === undefined) throw poolGone(kind, name);
      if (!areOurs(tagsAmong(pool.metadata.annotations))) throw notOurs(kind, name);
      const { spec } = pool.content;
      if (isRecord(spec) && spec['replicas'] === replicas) return 'unchanged';
      await this.#options.objects.patch(nodePools, pool, { spec: { replicas } });
      return 'started';
    });
  }

  /** Karpenter makes what is missing by itself; a dead machine goes with its claim. */
  repair(name: string, { machines }: { machines: readonly string[] }): Promise<'started' | 'unchanged'> {
    const { objects } = this.#options;
    return inPortTerms(async () => {
      const pool = await this.#find(name);
      if (pool === undefined) throw poolGone(kind, name);
      if (!areOurs(tagsAmong(pool.metadata.annotations))) throw notOurs(kind, name);
      const claims = await objects.list(nodeClaims, `${poolLabel}=${name}`);
      return removeClaims(objects, claims, machines);
    });
  }

  delete(name: string): Promise<'started' | 'absent'> {
    const { objects } = this.#options;
    return inPortTerms(async () => {
      const pool = await this.#find(name);
      if (pool === undefined) return (await this.#hasRemains(name)) ? 'started' : 'absent';
      if (!areOurs(tagsAmong(pool.metadata.annotations))) throw notOurs(kind, name);
      if (pool.metadata.deletionTimestamp !== undefined) return 'started';
      // In the foreground: the NodePool stays, and is listed, until the last of its machines is gone.
      return (await objects.delete(nodePools, pool, 'Foreground')) ? 'started' : 'absent';
    });
  }

  powerState(): Promise<PowerState> {
    return this.#options.powerState();
  }

  #find(name: string): Promise<ClusterObject | undefined> {
    return this.#options.objects.get(nodePools, name);
  }

  async #hasRemains(name: string): Promise<boolean> {
    return (await this.#options.objects.list(nodeClaims, `${poolLabel}=${name}`)).length > 0;
  }

  /** Makes the class that fits this request, unless it is there: it is named by its content. */
  async #ownClass(request: PoolRequest): Promise<string> {
    const wanted: NewClusterObject = renderNodeClass(request);
    try {
      await this.#options.objects.create(nodeClasses, wanted);
    } catch (thrown) {
      if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    }
    return wanted.metadata.name;
  }
}

const kind = 'NodePool';

/** A NodePool has no place for one; the next rung of a ladder has. */
function refuseReservation({ placement }: PoolRequest): void {
  if (placement.capacityReservationGroup === null) return;
  throw new ProvisioningError({
    class: 'next-rung',
    code: 'ReservationNotSupported',
    message: 'Slipway does not draw from a capacity reservation group through Karpenter.',
    remedy:
      'Remove slipway.dev/capacity-reservation-group, or use a cluster with "provisioner": "agentPool".',
  });
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof SlipwayError && thrown.code === code;
}

/** Strict validation names the fields that the server's schema lacks. */
function isRefusedField(thrown: unknown, field: string): thrown is SlipwayError {
  return (
    thrown instanceof SlipwayError &&
    thrown.code === 'Invalid' &&
    thrown.message.includes('unknown field') &&
    thrown.message.includes(field)
  );
}

function noStaticCapacity(cause: unknown): ProvisioningError {
  return new ProvisioningError(
    {
      class: 'operator',
      code: 'StaticCapacityMissing',
      message: 'The Karpenter of this cluster is too old for NodePools with a fixed number of nodes.',
      remedy:
        'Upgrade AKS to a release of April 2026 or later, or set "karpenterObjects": "NodeClaim" for this cluster.',
    },
    cause,
  );
}
