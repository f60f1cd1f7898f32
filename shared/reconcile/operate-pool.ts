/** Executes one pool operation for the cluster orchestration. The wish is read again: an old order is never obeyed. */
import { Retryable } from '../errors/slipway-error.ts';
import { encodeReference } from '../events/encode-event.ts';
import { EventType, Queue } from '../events/event-types.ts';
import { formatKey } from '../lifecycle/workspace-key.ts';
import type { OperationOutcome, PoolOperation } from '../lifecycle/pool-operations.ts';
import type { Allocation, Observed, ObservedPool } from '../lifecycle/slipway-status.ts';
import { describeWishes } from '../lifecycle/slipway-status.ts';
import { readRecord } from '../lifecycle/take-snapshot.ts';
import { nodeLabels, nodeOsSku, nodeTaints } from '../manifests/node-pool.ts';
import { PoolTag, ProvisioningError } from '../provisioning/node-provisioner.ts';
import type { PoolRequest, ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { readWishes } from './observe-cluster.ts';
import type { ClusterServices, Services } from './services.ts';

export async function operatePool(
  services: Services,
  clusterName: string,
  operation: PoolOperation,
): Promise<OperationOutcome> {
  const cluster = await services.cluster(clusterName);
  await cluster.connection.system.checkOwnership(services.owner);
  const { pool } = operation;
  try {
    return { pool, result: await execute(services, cluster, operation) };
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    const { failure } = error;
    if (operation.kind === 'create') await tellRefusal(services, cluster, operation, failure);
    const { retryAfterSeconds } = failure;
    return { pool, result: failure.class, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  }
}

async function execute(
  services: Services,
  cluster: ClusterServices,
  operation: PoolOperation,
): Promise<'started' | 'nothing-to-do'> {
  const { provisioner } = cluster;
  if (operation.kind === 'remove-orphan') {
    return (await provisioner.delete(operation.pool)) === 'started' ? 'started' : 'nothing-to-do';
  }
  const wishes = await readWishes(cluster, operation);
  const allocation = wishes?.stored.allocations.find(({ pool }) => pool === operation.pool);
  if (wishes === undefined || allocation === undefined) return 'nothing-to-do';
  if (operation.kind === 'release') {
    if (allocation.wish === 'present') return 'nothing-to-do';
    return (await provisioner.delete(operation.pool)) === 'started' ? 'started' : 'nothing-to-do';
  }
  if (allocation.wish === 'absent') return 'nothing-to-do';
  if (operation.kind === 'scale') {
    return (await provisioner.scale(operation.pool, allocation.count)) === 'started'
      ? 'started'
      : 'nothing-to-do';
  }
  const { workspace } = readRecord(wishes.record);
  if (workspace === undefined) return 'nothing-to-do';
  const request = toPoolRequest({
    services,
    cluster: cluster.name,
    workspace,
    uid: operation.uid,
    allocation,
  });
  await provisioner.create(request);
  return 'started';
}

function toPoolRequest(order: {
  services: Services;
  cluster: string;
  workspace: Workspace;
  uid: string;
  allocation: Allocation;
}): PoolRequest {
  const { services, cluster, workspace, uid, allocation } = order;
  const { namespace, name } = workspace.metadata;
  return {
    name: allocation.pool,
    instanceType: allocation.instanceType,
    count: allocation.count,
    diskGiB: allocation.diskGiB,
    labels: nodeLabels(workspace),
    taints: nodeTaints(),
    tags: {
      [PoolTag.workspace]: formatKey({ cluster, namespace, name }),
      [PoolTag.uid]: uid,
      [PoolTag.generation]: String(allocation.generation),
      [PoolTag.owner]: services.owner,
    },
    osSku: nodeOsSku(workspace),
    placement: allocation.placement,
  };
}

/** Azure's answer belongs into the record: the workspace decides by it, and its user reads it. */
async function tellRefusal(
  services: Services,
  cluster: ClusterServices,
  operation: PoolOperation & { kind: 'create' | 'scale' | 'release' },
  failure: ProvisioningFailure,
): Promise<void> {
  const wishes = await readWishes(cluster, operation);
  if (wishes === undefined) return;
  const passing = failure.class === 'wait' || failure.class === 'retry';
  const refused: ObservedPool = {
    name: operation.pool,
    state: passing ? 'waiting' : 'refused',
    count: 0,
    failure,
  };
  const before: Observed = wishes.observed ?? {
    wishes: describeWishes(wishes.stored.allocations),
    pools: [],
    nodes: [],
    workload: null,
  };
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
