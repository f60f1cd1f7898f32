import type { AgentPool } from '@azure/arm-containerservice';
import { classifyAzureError } from '../azure/classify-error.ts';
import type { PoolView, ProvisioningFailure } from './node-provisioner.ts';
import { PoolTag } from './node-provisioner.ts';

/** An agent pool of the SDK as the port shows it. */
export function toPoolView(pool: AgentPool): PoolView {
  const provisioningState = pool.provisioningState ?? '';
  const state = stateOf(provisioningState);
  const failure = state === 'failed' ? failureOf(pool, provisioningState) : undefined;
  return {
    name: pool.name ?? '',
    instanceType: pool.vmSize ?? '',
    count: pool.count ?? 0,
    ...(pool.powerState?.code === 'Stopped' ? { power: 'stopped' as const } : {}),
    state,
    provisioningState,
    tags: { ...pool.tags },
    ...(failure === undefined ? {} : { failure }),
  };
}

/** The state is a free string: what is neither known nor terminal counts as running on. */
function stateOf(provisioningState: string): PoolView['state'] {
  switch (provisioningState.toLowerCase()) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
    case 'canceled':
    case 'cancelled':
      return 'failed';
    case 'creating':
      return 'creating';
    case 'deleting':
      return 'deleting';
    default:
      return 'updating';
  }
}

function failureOf(pool: AgentPool, provisioningState: string): ProvisioningFailure {
  const error = pool.status?.provisioningError;
  if (error !== undefined) return classifyAzureError({ body: error });
  return {
    class: 'retry',
    code: provisioningState.toLowerCase() === 'failed' ? 'UnknownFailure' : 'OperationPreempted',
    message: `Agent pool ${pool.name ?? ''} is ${provisioningState}; Azure gave no reason.`,
    retryAfterSeconds: 60,
  };
}

/** Whether Slipway made the pool: all the tags that it puts on every one. */
export function isOurs(pool: AgentPool): boolean {
  const tags = new Map(Object.entries(pool.tags ?? {}));
  return [PoolTag.workspace, PoolTag.uid, PoolTag.owner].every((name) => (tags.get(name) ?? '') !== '');
}
