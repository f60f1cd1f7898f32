import type { ClusterObject } from '../kubernetes/cluster-objects.ts';
import { isRecord } from '../workspace/json-object.ts';
import type { Condition } from './karpenter-failure.ts';
import { conditionsOf, launchFailure } from './karpenter-failure.ts';
import { poolLabel } from './karpenter-objects.ts';
import type { ProvisioningFailure } from './node-provisioner.ts';
import { tagsAmong } from './stored-tags.ts';

/** What is read of a NodeClaim. */
export interface ClaimFacts {
  name: string;
  /** The allocation's pool; empty on claims that are not Slipway's. */
  pool: string;
  tags: Record<string, string>;
  instanceType: string;
  deleting: boolean;
  /** Its node is there. Whether that is Ready, and has its GPUs, the node itself tells better. */
  registered: boolean;
  /** Karpenter's word for how far it is: Launching, Launched, Registered, Initialized. */
  progress: string;
  nodeName: string | undefined;
  failure: ProvisioningFailure | undefined;
}

export function toClaimFacts({ metadata, content }: ClusterObject): ClaimFacts {
  const conditions = conditionsOf(content);
  const status = isRecord(content['status']) ? content['status'] : {};
  const { nodeName } = status;
  return {
    name: metadata.name,
    pool: metadata.labels[poolLabel] ?? '',
    tags: tagsAmong(metadata.annotations),
    instanceType: wantedInstanceType(content['spec']),
    deleting: metadata.deletionTimestamp !== undefined,
    registered: isTrue(conditions, 'Registered'),
    progress: progress(conditions),
    nodeName: typeof nodeName === 'string' && nodeName !== '' ? nodeName : undefined,
    failure: launchFailure(conditions),
  };
}

/** The one instance type that a spec with `requirements` allows; empty when it leaves a choice. */
export function wantedInstanceType(spec: unknown): string {
  const requirements: unknown[] =
    isRecord(spec) && Array.isArray(spec['requirements']) ? spec['requirements'] : [];
  const found = requirements.find(
    (one) => isRecord(one) && one['key'] === 'node.kubernetes.io/instance-type',
  );
  const values: unknown[] = isRecord(found) && Array.isArray(found['values']) ? found['values'] : [];
  const [only] = values;
  return values.length === 1 && typeof only === 'string' ? only : '';
}

function progress(conditions: readonly Condition[]): string {
  const reached = ['Initialized', 'Registered', 'Launched'].find((type) => isTrue(conditions, type));
  return reached ?? 'Launching';
}

function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}
