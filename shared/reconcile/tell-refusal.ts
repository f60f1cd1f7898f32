import { Retryable } from '../errors/slipway-error.ts';
import { encodeReference } from '../events/encode-event.ts';
import { EventType, Queue } from '../events/event-types.ts';
import type { PoolOperation } from '../lifecycle/pool-operations.ts';
import type { Observed, ObservedPool } from '../lifecycle/slipway-status.ts';
import { describeWishes } from '../lifecycle/slipway-status.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { canonicalJson } from '../workspace/canonical.ts';
import { readWishes } from './observe-cluster.ts';
import type { ClusterServices, Services } from './services.ts';

/** A pool that is not mended stays what it is, unless other terms or another size may do what these cannot. */
function answerState(
  { kind }: PoolOperation,
  { class: answer }: ProvisioningFailure,
): 'waiting' | 'refused' | 'succeeded' {
  if (kind === 'repair') return answer === 'next-rung' ? 'refused' : 'succeeded';
  return answer === 'wait' || answer === 'retry' ? 'waiting' : 'refused';
}

/** Azure's answer belongs into the record: the workspace decides by it, and its user reads it. */
export async function tellRefusal(
  services: Services,
  cluster: ClusterServices,
  operation: PoolOperation & { kind: 'create' | 'scale' | 'repair' | 'release' },
  failure: ProvisioningFailure,
): Promise<void> {
  const wishes = await readWishes(cluster, operation);
  if (wishes === undefined) return;
  const before: Observed = wishes.observed ?? {
    wishes: describeWishes(wishes.stored.allocations),
    pools: [],
    nodes: [],
    workload: null,
  };
  const listed = before.pools.find(({ name }) => name === operation.pool);
  // A pool that cannot be deleted is what it was.
  const state = operation.kind === 'release' ? listed?.state : answerState(operation, failure);
  if (state === undefined) return;
  const refused: ObservedPool = { ...(listed ?? { name: operation.pool, count: 0 }), state, failure };
  // Told already: to be told again is no news, neither to the record nor to anybody who is woken by it.
  if (canonicalJson(listed ?? null) === canonicalJson(refused)) return;
  const pools = [...before.pools.filter(({ name }) => name !== operation.pool), refused];
  const { namespace, name, uid } = operation;
  const written = await cluster.connection.records.patchObserved({ namespace, name }, uid, {
    ...before,
    pools,
  });
  if (written === undefined) return;
  const reference = { cluster: cluster.name, namespace, name, uid };
  const version = written.metadata.resourceVersion;
  const fact = encodeReference(Queue.nodeProvisioned, EventType.nodeProvisioned, reference, version);
  try {
    await services.messages.send([fact]);
  } catch (error) {
    // The refusal is in the record, where the workspace's re-check finds it: a nudge that cannot be sent costs time only.
    if (!(error instanceof Retryable)) throw error;
  }
}
