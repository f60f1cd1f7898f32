import type { GpuProblem } from '../kubernetes/cluster.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Observed, ObservedNode, ObservedPool, ObservedWorkload } from './slipway-status.ts';
import { isText, StoredFields } from './stored-fields.ts';
import { isRecord } from '../workspace/json-object.ts';

const poolStates = ['creating', 'updating', 'deleting', 'succeeded', 'failed', 'refused', 'waiting'] as const;
const failureClasses = ['wait', 'retry', 'next-rung', 'operator', 'bug'] as const;

/**
 * Reads `status.slipway.observed`, which the cluster orchestration writes alone; null when there is none, or when a hand edit made it
 * something else: the next tick looks and writes anew.
 */
export function readObserved(value: unknown): Observed | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const observed: Observed = {
    wishes: fields.text('wishes', ''),
    pools: fields.list('pools', readPool),
    nodes: fields.list('nodes', readNode),
    workload: fields.nested('workload', readWorkload),
  };
  return fields.broken() ? null : observed;
}

function readPool(value: unknown): ObservedPool | null {
  if (!isRecord(value) || !isText(value['name'])) return null;
  const fields = new StoredFields(value);
  const failure = fields.nested('failure', readProvisioningFailure);
  const pool: ObservedPool = {
    name: value['name'],
    state: fields.oneOf('state', poolStates, 'updating'),
    count: fields.count('count', 0),
    ...(value['power'] === 'stopped' ? { power: 'stopped' } : {}),
    ...(failure === null ? {} : { failure }),
  };
  return fields.broken() ? null : pool;
}

function readProvisioningFailure(value: unknown): ProvisioningFailure | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const { remedy, retryAfterSeconds } = value;
  const failure: ProvisioningFailure = {
    class: fields.oneOf('class', failureClasses, 'retry'),
    code: fields.text('code', 'Unknown'),
    message: fields.text('message', ''),
    ...(isText(remedy) ? { remedy } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
  return fields.broken() ? null : failure;
}

function readNode(value: unknown): ObservedNode | null {
  if (!isRecord(value) || !isText(value['name'])) return null;
  const fields = new StoredFields(value);
  const { reason } = value;
  const pressure = Array.isArray(value['pressure']) ? value['pressure'].filter(isText) : [];
  const gpuProblem = fields.nested('gpuProblem', readGpuProblem);
  const node: ObservedNode = {
    name: value['name'],
    pool: fields.text('pool', ''),
    ready: fields.flag('ready', false),
    gpus: fields.count('gpus', 0),
    ...(isText(reason) ? { reason } : {}),
    ...(gpuProblem === null ? {} : { gpuProblem }),
    ...(pressure.length === 0 ? {} : { pressure }),
  };
  return fields.broken() ? null : node;
}

const gpuProblems = [
  'DevicePluginAbsent',
  'DevicePluginNotScheduled',
  'DevicePluginFailing',
  'DriverMissing',
] as const;

function readGpuProblem(value: unknown): GpuProblem | null {
  if (!isRecord(value)) return null;
  const reason = gpuProblems.find((one) => one === value['reason']);
  const { message } = value;
  return reason !== undefined && isText(message) ? { reason, message } : null;
}

function readWorkload(value: unknown): ObservedWorkload | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const { outcome } = value;
  const problem = fields.nested('problem', readProblem);
  const workload: ObservedWorkload = {
    uid: fields.text('uid', ''),
    revision: fields.text('revision', ''),
    replicas: fields.count('replicas', 0),
    readyReplicas: fields.count('readyReplicas', 0),
    upToDate: fields.flag('upToDate', false),
    ...(value['started'] === true ? { started: true } : {}),
    ...(outcome === 'complete' || outcome === 'failed' ? { outcome } : {}),
    ...(problem === null ? {} : { problem }),
  };
  return fields.broken() ? null : workload;
}

function readProblem(value: unknown): { reason: string; message: string } | null {
  if (!isRecord(value)) return null;
  const { reason, message } = value;
  return isText(reason) && isText(message) ? { reason, message } : null;
}
