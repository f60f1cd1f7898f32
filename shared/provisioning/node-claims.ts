import { createHash } from 'node:crypto';
import { SlipwayError } from '../errors/slipway-error.ts';
import type { ClusterObject, ClusterObjects } from '../kubernetes/cluster-objects.ts';
import type { NodeClaim } from '../manifests/node-claim.ts';
import { bareNodeClaim } from '../manifests/node-claim.ts';
import { Label } from '../workspace/annotations.ts';
import { inPortTerms } from './from-cluster-error.ts';
import { nodeClaims, nodeClasses, nodePoolLabel, poolLabel, poolLabels } from './karpenter-objects.ts';
import { nodesOf, standing } from './karpenter-view.ts';
import { toClaimFacts } from './node-claim-facts.ts';
import type { NodeProvisioner, PoolPower, PoolRequest, PoolView, PowerState } from './node-provisioner.ts';
import { PoolTag, ProvisioningError } from './node-provisioner.ts';
import type { PoolNote } from './pool-notes.ts';
import { PoolNotes } from './pool-notes.ts';
import { checkName, nameTaken, notOurs } from './refusals-of-ours.ts';
import { removeClaims } from './remove-claims.ts';
import { areOurs, asAnnotations, tagsAmong } from './stored-tags.ts';

export interface NodeClaimsOptions {
  objects: ClusterObjects;
  /** AKSNodeClass to refer to, where Azure's own Karpenter makes the machines; without it claims have KAITO's form. */
  nodeClass?: string;
  powerState: () => Promise<PowerState>;
}

/**
 * Nodes by bare NodeClaims, one a node, as KAITO writes them: any controller of Karpenter's core API makes the machines
 * (gpu-provisioner, a Karpenter without static capacity). What a claim has no field for (spot, zones) is not asked for. Source:
 * reference, f.3. See {@link NodeProvisioner} for the contract.
 */
export class NodeClaimProvisioner implements NodeProvisioner {
  readonly #options: NodeClaimsOptions;
  readonly #notes: PoolNotes;

  constructor(options: NodeClaimsOptions) {
    this.#options = options;
    this.#notes = new PoolNotes(options.objects);
  }

  list(): Promise<PoolView[]> {
    return inPortTerms(async () => {
      const [notes, claims] = await Promise.all([this.#notes.list(), this.#claims()]);
      const byPool = Map.groupBy(claims, ({ metadata }) => metadata.labels[poolLabel] ?? '');
      const noted = notes.map((note) => viewOf(note.name, byPool.get(note.name) ?? [], note));
      const known = new Set(notes.map(({ name }) => name));
      const left = [...byPool].filter(([name]) => !known.has(name));
      return [...noted, ...left.map(([name, own]) => viewOf(name, own))];
    });
  }

  create(request: PoolRequest): Promise<'started' | 'exists'> {
    return inPortTerms(async () => {
      checkName(request.name);
      refuseTerms(request);
      const written = await this.#notes.write(request);
      const existing = await this.#claims(request.name);
      await this.#fill(await this.#notes.ours(request.name), existing);
      return written;
    });
  }

  /** Claims cannot be stopped: `stopped` means none. */
  scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    const wanted = power === 'stopped' ? 0 : count;
    return inPortTerms(async () => {
      const note = await this.#notes.ours(name);
      const claims = await this.#claims(name);
      const live = claims.filter(isLive);
      if (note.order.count === wanted && live.length === wanted) return 'unchanged';
      if (note.order.count !== wanted) await this.#notes.setCount(note, wanted);
      await this.#fill({ ...note, order: { ...note.order, count: wanted } }, claims);
      const surplus = live.toSorted(newestFirst).slice(0, Math.max(0, live.length - wanted));
      for (const claim of surplus) await this.#options.objects.delete(nodeClaims, claim, 'Background');
      return 'started';
    });
  }

  /** A dead machine goes with its claim; the pool then counts one less, and is scaled. So it is with claims whose machine was lost. */
  repair(name: string, { machines }: { machines: readonly string[] }): Promise<'started' | 'unchanged'> {
    return inPortTerms(async () => {
      await this.#notes.ours(name);
      const claims = await this.#claims(name);
      const ours = claims.filter(({ metadata }) => areOurs(tagsAmong(metadata.annotations)));
      return removeClaims(this.#options.objects, ours, machines);
    });
  }

  /** Claims first: a note without claims is no harm, claims without a note would be hard to find. */
  delete(name: string): Promise<'started' | 'absent'> {
    const { objects } = this.#options;
    return inPortTerms(async () => {
      const note = await this.#notes.find(name);
      if (note !== undefined && !areOurs(note.tags)) throw notOurs('Pool', name);
      const claims = (await this.#claims(name)).filter(({ metadata }) =>
        areOurs(tagsAmong(metadata.annotations)),
      );
      for (const claim of claims.filter(isLive)) await objects.delete(nodeClaims, claim, 'Background');
      if (note !== undefined) await this.#notes.drop(note);
      return note === undefined && claims.length === 0 ? 'absent' : 'started';
    });
  }

  powerState(): Promise<PowerState> {
    return this.#options.powerState();
  }

  #claims(pool?: string): Promise<ClusterObject[]> {
    return this.#options.objects.list(nodeClaims, pool === undefined ? poolLabel : `${poolLabel}=${pool}`);
  }

  /** Makes the claims that are missing, under names that none of the pool has yet. */
  async #fill(note: PoolNote, existing: readonly ClusterObject[]): Promise<void> {
    const taken = new Set(existing.map(({ metadata }) => metadata.name));
    let missing = note.order.count - existing.filter(isLive).length;
    for (let index = 0; missing > 0; index += 1) {
      const name = claimName(note.name, index);
      if (taken.has(name)) continue;
      missing -= 1;
      await this.#make(note, name);
    }
  }

  async #make({ name: pool, order, tags }: PoolNote, name: string): Promise<void> {
    const { nodeClass } = this.#options;
    const labels = labelsOf(order);
    const claim = bareNodeClaim({
      name,
      namespace: labels[Label.workspaceNamespace] ?? 'default',
      labels: { ...labels, ...poolLabels({ name: pool, labels }) },
      imageFamily: order.osSku === 'AzureLinux' ? 'azurelinux' : 'ubuntu',
      instanceType: order.instanceType,
      diskGiB: order.diskGiB,
    });
    const annotations = { ...claim.metadata.annotations, ...asAnnotations(tags) };
    try {
      await this.#options.objects.create(nodeClaims, {
        spec: nodeClass === undefined ? claim.spec : forAzure(claim.spec, nodeClass),
        metadata: { ...claim.metadata, annotations },
      });
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError && thrown.code === 'AlreadyExists')) throw thrown;
      const other = await this.#options.objects.get(nodeClaims, name);
      const uid = other === undefined ? undefined : tagsAmong(other.metadata.annotations)[PoolTag.uid];
      if (uid !== tags[PoolTag.uid]) throw nameTaken('NodeClaim', name);
    }
  }
}

/** Terms that claims have no field for are another rung's: to leave them out would get the user what nobody asked for. */
function refuseTerms({ placement }: PoolRequest): void {
  const { priority, zones, capacityReservationGroup } = placement;
  if (priority === 'on-demand' && zones.length === 0 && capacityReservationGroup === null) return;
  throw new ProvisioningError({
    class: 'next-rung',
    code: 'TermsNotSupported',
    message: 'Nodes by bare NodeClaims are on demand and regional: no spot, no zones, no reservation.',
    remedy: 'Leave these annotations out, or use a cluster with NodePools or agent pools.',
  });
}

/** Labels of a claim of KAITO's form: what gpu-provisioner and AKS put on nodes by themselves is left to them. Source: f.3 and f.4. */
function labelsOf({ labels, userLabels }: PoolNote['order']): Record<string, string> {
  const { 'kaito.sh/machine-type': machineType, accelerator, ...claimed } = labels;
  return { ...claimed, ...userLabels };
}

/** As Azure's Karpenter takes claims: its CRD refuses a requirement on `karpenter.sh/nodepool`, and would let nodes expire. */
function forAzure(spec: NodeClaim['spec'], nodeClass: string): Record<string, unknown> {
  return {
    ...spec,
    nodeClassRef: { group: 'karpenter.azure.com', kind: nodeClasses.kind, name: nodeClass },
    requirements: [
      ...spec.requirements.filter(({ key }) => key !== nodePoolLabel),
      { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
    ],
    expireAfter: 'Never',
  };
}

function viewOf(name: string, objects: readonly ClusterObject[], note?: PoolNote): PoolView {
  const claims = objects.map(toClaimFacts);
  const count = claims.filter(({ deleting }) => !deleting).length;
  const [first] = claims;
  const gone = note === undefined && count === 0;
  return {
    name,
    instanceType: note?.order.instanceType ?? first?.instanceType ?? '',
    count,
    tags: note?.tags ?? first?.tags ?? {},
    nodes: nodesOf(claims),
    ...standing(claims, { count, deleting: gone }),
  };
}

function isLive({ metadata }: ClusterObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

function newestFirst(one: ClusterObject, other: ClusterObject): number {
  return one.metadata.name < other.metadata.name ? 1 : -1;
}

/** In KAITO's form, which is also a name that an agent pool can have; the same for the same place in a pool. Source: f.3. */
function claimName(pool: string, index: number): string {
  return `ws${createHash('sha256').update(`${pool}/${index}`).digest('hex').slice(0, 9)}`;
}
