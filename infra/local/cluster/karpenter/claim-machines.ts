import type { Clock } from '../../clock/clock.ts';
import type { ObjectStore, StoredObject } from '../../kubernetes/contract.ts';
import type { Machine, MachineSource } from '../nodes/machine.ts';
import { withConditions } from '../objects/conditions.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import type { Timings } from '../timings.ts';
import type { KarpenterCloud, MachineSize } from './cloud.ts';
import { karpenterKinds } from './kinds.ts';
import type { NodeClaim } from './node-claim.ts';
import {
  allowedValues,
  claimNameOf,
  conditionOf,
  has,
  karpenterLabel,
  nodeNameOf,
  note,
  parseClaim,
} from './node-claim.ts';

/** AKS puts all machines of node auto-provisioning into one agent pool of this name. */
const agentPool = 'aksmanagedap';
/** GiB; the CRD's default. */
const defaultDiskGiB = 128;

/** The machines that Karpenter has launched, as their NodeClaims tell. They need no record of their own, so they survive a restart. */
export class ClaimMachines implements MachineSource {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #cloud: KarpenterCloud;

  constructor(parts: { store: ObjectStore; clock: Clock; timings: Timings; cloud: KarpenterCloud }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#timings = parts.timings;
    this.#cloud = parts.cloud;
  }

  names(): string[] {
    return this.#store
      .list(karpenterKinds.nodeClaims)
      .filter((object) => this.#machineOf(object) !== undefined)
      .map(({ metadata }) => nodeNameOf(metadata.name));
  }

  get(name: string): Machine | undefined {
    const claim = claimNameOf(name);
    const object =
      claim === undefined ? undefined : this.#store.get(karpenterKinds.nodeClaims, { name: claim });
    return object && this.#machineOf(object);
  }

  markJoined(name: string): void {
    const claim = claimNameOf(name);
    if (claim === undefined) return;
    this.#store.mutateStatus(karpenterKinds.nodeClaims, { name: claim }, (object) => {
      const { status } = parseClaim(object);
      const registered = { type: 'Registered', status: 'True', reason: 'Registered', message: '' };
      const conditions = withConditions(status.conditions, [registered], kubernetesTime(this.#clock.now()));
      object['status'] = { ...status, nodeName: name, conditions };
    });
  }

  markLost(name: string): void {
    const claim = claimNameOf(name);
    if (claim === undefined) return;
    this.#store.mutate(karpenterKinds.nodeClaims, { name: claim }, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [note.lost]: 'true' };
    });
  }

  #machineOf(object: StoredObject): Machine | undefined {
    const { metadata } = object;
    const claim = parseClaim(object);
    const size = this.#sizeOf(claim);
    if (size === undefined || !has(claim, 'Launched') || metadata.annotations?.[note.lost] === 'true') {
      return undefined;
    }
    const launchedAt = timeOf(conditionOf(claim, 'Launched')?.lastTransitionTime, 0);
    const joinAt = launchedAt + this.#timings.nodes.join * 1000;
    const labels = metadata.labels ?? {};
    const pool = labels[karpenterLabel.nodePool] ?? metadata.name;
    const { region, subscriptionId, nodeResourceGroup, kubernetesVersion } = this.#cloud;
    const name = nodeNameOf(metadata.name);
    return {
      name,
      pool,
      agentPool,
      mode: 'User',
      spot: labels[karpenterLabel.capacityType] === 'spot',
      vmSize: size.name,
      region,
      zone: labels[karpenterLabel.zone]?.split('-').at(-1),
      providerId: `azure:///subscriptions/${subscriptionId}/resourceGroups/${nodeResourceGroup}/providers/Microsoft.Compute/virtualMachines/${name}`,
      address: addressOf(metadata.uid),
      nodeResourceGroup,
      nodeImage: this.#cloud.nodeImage(size.gpus),
      kubernetesVersion,
      labels: { ...labels, [karpenterLabel.registered]: 'true' },
      taints: claim.spec.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
      maxPods: 110,
      vCPUs: size.vCPUs,
      memoryGiB: size.memoryGiB,
      osDiskGiB: this.#diskGiB(claim),
      gpus: size.gpus,
      gpuProduct: size.gpuProduct,
      gpuMiB: size.gpuMiB,
      joinAt,
      readyAt: joinAt + this.#timings.nodes.ready * 1000,
      joined: claim.status.nodeName !== undefined,
      leavingSince:
        metadata.deletionTimestamp === undefined ? undefined : Date.parse(metadata.deletionTimestamp),
    };
  }

  #sizeOf({ spec }: NodeClaim): MachineSize | undefined {
    const [only] = allowedValues(spec, karpenterLabel.instanceType) ?? [];
    return only === undefined ? undefined : this.#cloud.size(only);
  }

  /** By the node class, or, on claims of KAITO's form, by the storage they ask for. */
  #diskGiB({ spec }: NodeClaim): number {
    const storage = spec.resources?.requests['storage'];
    const asked = typeof storage === 'string' ? /^(\d+)Gi$/.exec(storage)?.[1] : undefined;
    if (asked !== undefined) return Number(asked);
    const nodeClass = this.#store.get(karpenterKinds.nodeClasses, { name: spec.nodeClassRef.name });
    const classSpec: unknown = nodeClass?.['spec'];
    const size: unknown =
      typeof classSpec === 'object' && classSpec !== null && 'osDiskSizeGB' in classSpec
        ? classSpec.osDiskSizeGB
        : undefined;
    return typeof size === 'number' ? size : defaultDiskGiB;
  }
}

/** An address of the node subnet that follows from the claim. */
function addressOf(uid: string): string {
  const [third = 0, fourth = 0] = Buffer.from(uid.replaceAll('-', ''), 'hex');
  return `10.225.${third}.${fourth}`;
}

/** Several sources as one: a machine belongs to the first that knows it. */
export function together(sources: readonly MachineSource[]): MachineSource {
  const owner = (name: string): MachineSource | undefined =>
    sources.find((source) => source.get(name) !== undefined);
  return {
    get: (name) => owner(name)?.get(name),
    names: () => sources.flatMap((source) => source.names()),
    markJoined: (name) => owner(name)?.markJoined(name),
    markLost: (name) => owner(name)?.markLost(name),
  };
}
