import type { SettingFaults } from './setting-fault.ts';

/** Where a cluster's GPU nodes come from. */
export type ProvisionerSettings =
  /** AKS agent pools, by ARM. `shared`: one for all workspaces of one size, where those do not say otherwise. */
  | { kind: 'agentPool'; nodeAllocation?: 'shared' }
  /**
   * Karpenter, which AKS runs as node auto-provisioning: a static NodePool for each allocation, or bare NodeClaims. `nodeClasses`:
   * AKSNodeClasses that a Workspace may name, the first one for those that name none. Empty: Slipway makes its own for NodePools, and claims
   * have the form that KAITO gives them for gpu-provisioner.
   */
  | { kind: 'karpenter'; objects: 'NodePool' | 'NodeClaim'; nodeClasses: string[] }
  /** Nodes that are there already; none is made. */
  | { kind: 'byo' };

const kinds = ['agentPool', 'karpenter', 'byo'] as const;
const allocations = ['dedicated', 'shared'] as const;
const objectKinds = ['NodePool', 'NodeClaim'] as const;

/** Fields of a cluster's entry that this file reads. */
export const provisionerFields = [
  'provisioner',
  'nodeAllocation',
  'karpenterObjects',
  'nodeClasses',
] as const;

/** Reads them; undefined when something is wrong, which is then among the faults. `path` names the entry. */
export function readProvisioner(
  fields: ReadonlyMap<string, unknown>,
  path: string,
  faults: SettingFaults,
): ProvisionerSettings | undefined {
  const kind = oneOf(kinds, fields.get('provisioner') ?? 'agentPool');
  if (kind === undefined) {
    faults.add(
      `${path}.provisioner`,
      'is not known',
      `Use ${kinds.join(', ')}; without it nodes come as agent pools.`,
    );
  }
  const allocation = oneOf(allocations, fields.get('nodeAllocation') ?? 'dedicated');
  if (allocation === undefined) {
    faults.add(
      `${path}.nodeAllocation`,
      'is not known',
      'Use dedicated (an agent pool for each workspace) or shared (one for all workspaces of a size).',
    );
  }
  if (kind !== 'agentPool' && kind !== undefined && fields.has('nodeAllocation')) {
    faults.add(`${path}.nodeAllocation`, 'means nothing here', 'Remove it: only agent pools can be shared.');
  }
  const objects = oneOf(objectKinds, fields.get('karpenterObjects') ?? 'NodePool');
  if (objects === undefined) {
    faults.add(
      `${path}.karpenterObjects`,
      'is not known',
      'Use NodePool (Karpenter with static capacity) or NodeClaim (any controller of its core API).',
    );
  }
  const nodeClasses = readNames(fields.get('nodeClasses') ?? []);
  if (nodeClasses === undefined) {
    faults.add(
      `${path}.nodeClasses`,
      'is not a list of names',
      'Write names of AKSNodeClasses such as ["default"], or remove it.',
    );
  }
  for (const field of ['karpenterObjects', 'nodeClasses']) {
    if (kind === 'karpenter' || kind === undefined || !fields.has(field)) continue;
    faults.add(`${path}.${field}`, 'means nothing here', 'Remove it, or set "provisioner": "karpenter".');
  }
  if (kind === undefined || objects === undefined || nodeClasses === undefined) return undefined;
  if (kind === 'karpenter') return { kind, objects, nodeClasses };
  if (kind === 'byo' || allocation === undefined) return { kind };
  return allocation === 'shared' ? { kind, nodeAllocation: allocation } : { kind };
}

function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

function readNames(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((name) => typeof name === 'string' && objectName.test(name));
  return names.length === value.length ? names : undefined;
}
