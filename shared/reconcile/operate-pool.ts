/** Executes one pool operation for the cluster orchestration. The wish is read again: an old order is never obeyed. */
import type { CustomResource } from '../kubernetes/cluster.ts';
import { expiredAt } from '../lifecycle/expiry.ts';
import type { OperationOutcome, PoolOperation } from '../lifecycle/pool-operations.ts';
import type { Allocation, Observed, StoredSlipwayStatus } from '../lifecycle/slipway-status.ts';
import { wantsNodes } from '../lifecycle/slipway-status.ts';
import { recordNameOf } from '../lifecycle/orphans.ts';
import { lifetimeOf, readRecord } from '../lifecycle/take-snapshot.ts';
import type { Request } from '../planning/refusal.ts';
import { failureOf, findRefusal } from '../planning/refusal.ts';
import { ProvisioningError } from '../provisioning/node-provisioner.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { readWishes } from './observe-cluster.ts';
import { toPoolRequest } from './pool-request.ts';
import type { Moment } from './remember-refusals.ts';
import { rememberRefusals } from './remember-refusals.ts';
import type { ClusterServices, Services } from './services.ts';
import { tellRefusal } from './tell-refusal.ts';

/** `moment` is missing in orders of before refusals were remembered: Azure is then asked without looking. */
export async function operatePool(
  services: Services,
  clusterName: string,
  operation: PoolOperation,
  moment?: Moment,
): Promise<OperationOutcome> {
  const cluster = await services.cluster(clusterName);
  await cluster.connection.system.checkOwnership(services.owner);
  const { pool } = operation;
  try {
    if (operation.kind === 'tend') return { pool, result: await tend(cluster, operation) };
    const result = asksForNodes(operation)
      ? await ask({ services, cluster, operation, moment })
      : await remove(services, cluster, operation);
    return typeof result === 'string' ? { pool, result } : outcomeOf(pool, result);
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    if (operation.kind === 'tend') {
      const { code, message, class: kind } = error.failure;
      moment?.log.warn('a shared pool could not be tended', { pool, code, class: kind, problem: message });
    }
    if (operation.kind === 'release') await tellRefusal(services, cluster, operation, error.failure);
    return outcomeOf(pool, error.failure);
  }
}

type Growth = PoolOperation & { kind: 'create' | 'scale' | 'repair' };

/** What an allocation's pool itself is operated on by. */
type PoolWork = Exclude<PoolOperation, { kind: 'tend' }>;

function asksForNodes(operation: PoolWork): operation is Growth {
  return operation.kind !== 'release' && operation.kind !== 'remove-orphan';
}

function outcomeOf(
  pool: string,
  { class: result, code, retryAfterSeconds }: ProvisioningFailure,
): OperationOutcome {
  return {
    pool,
    result,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(throttles.has(code) ? { throttled: true } : {}),
  };
}

const throttles: ReadonlySet<string> = new Set(['Throttled', 'ThrottledByCompute']);

type Done = 'started' | 'nothing-to-do';

async function tend(
  { provisioner }: ClusterServices,
  operation: PoolOperation & { kind: 'tend' },
): Promise<Done> {
  const { pool, stuck = false } = operation;
  return (await provisioner.tend?.(pool, { stuck })) === 'started' ? 'started' : 'nothing-to-do';
}

async function remove(services: Services, cluster: ClusterServices, operation: PoolWork): Promise<Done> {
  const still =
    operation.kind === 'remove-orphan'
      ? services.orphanSweep === 'remove' && (await isOrphan(cluster, operation))
      : await isUnwished(cluster, operation);
  if (!still) return 'nothing-to-do';
  return (await cluster.provisioner.delete(operation.pool)) === 'started' ? 'started' : 'nothing-to-do';
}

async function isUnwished(
  cluster: ClusterServices,
  operation: Exclude<PoolWork, { kind: 'remove-orphan' }>,
): Promise<boolean> {
  const wishes = await readWishes(cluster, operation);
  const allocation = wishes?.stored.allocations.find(({ pool }) => pool === operation.pool);
  return allocation?.wish === 'absent';
}

/** The record that the tags name is read right before the delete: it may list the pool by now. Without those tags nothing is removed. */
async function isOrphan(
  cluster: ClusterServices,
  { pool, workspace = '', uid = '' }: { pool: string; workspace?: string; uid?: string },
): Promise<boolean> {
  const name = recordNameOf(workspace);
  if (name === undefined || uid === '') return false;
  const wishes = await readWishes(cluster, { ...name, uid });
  return wishes === undefined || !wishes.stored.allocations.some((allocation) => allocation.pool === pool);
}

/** A pool to be made, mended, or to get another size. */
interface Asking {
  services: Services;
  cluster: ClusterServices;
  operation: Growth;
  moment: Moment | undefined;
}

/** Asks Azure, unless it is known to refuse; a refusal is remembered and told to the record. */
async function ask(asking: Asking): Promise<Done | ProvisioningFailure> {
  const { services, cluster, operation, moment } = asking;
  const wishes = await readWishes(cluster, operation);
  const allocation = wishes?.stored.allocations.find(({ pool }) => pool === operation.pool);
  if (wishes === undefined || allocation?.wish !== 'present') return 'nothing-to-do';
  if (isTooLate(wishes.record, allocation, moment)) return 'nothing-to-do';
  const request = requestOf(allocation, operation.kind === 'create' ? null : wishes.observed, operation);
  const known = await knownRefusal(cluster, request, moment);
  if (known !== undefined) {
    await tellRefusal(services, cluster, operation, known);
    return known;
  }
  try {
    return await send(asking, wishes, allocation);
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    const failure = whileOthersGo(error.failure, wishes.stored);
    if (moment !== undefined) {
      await rememberRefusals(services, cluster, [{ request, failure }], moment);
    }
    await tellRefusal(services, cluster, operation, failure);
    return failure;
  }
}

/** An expired workspace gets no nodes, even where its own turn that says so is late. */
function isTooLate(record: CustomResource, allocation: Allocation, moment: Moment | undefined): boolean {
  if (moment === undefined || !wantsNodes(allocation)) return false;
  const workspace = { createdAt: record.metadata.creationTimestamp, lifetime: lifetimeOf(record) };
  return expiredAt(workspace, moment.now) !== null;
}

async function send(
  { services, cluster, operation }: Asking,
  { record, observed }: Wishes,
  allocation: Allocation,
): Promise<Done> {
  const { provisioner } = cluster;
  if (operation.kind === 'scale') {
    const { count, power } = allocation;
    const answer = await provisioner.scale(operation.pool, count, power);
    return answer === 'started' ? 'started' : 'nothing-to-do';
  }
  if (operation.kind === 'repair') {
    const ready = observed?.nodes.filter((node) => node.pool === operation.pool && node.ready) ?? [];
    const machines = operation.machines.filter((machine) => !ready.some(({ name }) => name === machine));
    if (ready.length >= allocation.count) return 'nothing-to-do';
    const answer = await provisioner.repair(operation.pool, { count: allocation.count, machines });
    return answer === 'started' ? 'started' : 'nothing-to-do';
  }
  const { workspace } = readRecord(record, services.admission(cluster.name));
  if (workspace === undefined) return 'nothing-to-do';
  const { name: clusterName } = cluster;
  const wanted = toPoolRequest({ services, cluster: clusterName, workspace, uid: operation.uid, allocation });
  const repeated = observed?.pools.some(({ name }) => name === operation.pool) ?? false;
  await provisioner.create(wanted, { repeated });
  return 'started';
}

type Wishes = NonNullable<Awaited<ReturnType<typeof readWishes>>>;

/** What is asked of Azure beyond what runs; machines that are only stopped are asked for like new ones. */
function requestOf(
  { pool, instanceType, placement, count, power }: Allocation,
  observed: Observed | null,
  { kind }: Growth,
): Request {
  const listed = observed?.pools.find(({ name }) => name === pool);
  if (kind === 'repair') {
    const ready = observed?.nodes.filter((node) => node.pool === pool && node.ready).length ?? 0;
    return { offer: { instanceType, placement }, count: Math.max(0, count - ready) };
  }
  const running = listed === undefined || listed.power === 'stopped' ? 0 : listed.count;
  return {
    offer: { instanceType, placement },
    count: power === 'stopped' ? 0 : Math.max(0, count - running),
  };
}

async function knownRefusal(
  { connection }: ClusterServices,
  request: Request,
  moment: Moment | undefined,
): Promise<ProvisioningFailure | undefined> {
  if (moment === undefined || request.count === 0) return undefined;
  const refusal = findRefusal(await connection.refusals.list(moment.now), request, moment.now);
  return refusal && failureOf(refusal);
}

/** Seconds until a quota is asked again that this workspace's own old pools still take up. */
const releaseSeconds = 60;

/** A quota that is full of the pools this workspace gives back is not missing: it frees up. */
function whileOthersGo(
  failure: ProvisioningFailure,
  { allocations }: StoredSlipwayStatus,
): ProvisioningFailure {
  const going = allocations.some(({ wish }) => wish === 'absent');
  if (!going || !failure.code.startsWith('Insufficient')) return failure;
  return { ...failure, class: 'retry', retryAfterSeconds: releaseSeconds };
}
