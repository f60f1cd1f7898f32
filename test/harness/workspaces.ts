/** What tests say about workspaces: documents to post, and questions to the platform. */
import type { PlatformHarness } from './platform.ts';

export interface WorkspaceOptions {
  instanceType?: string;
  preset?: string;
  annotations?: Record<string, string>;
  inference?: Record<string, unknown>;
}

/** A valid inference Workspace. */
export function workspaceDocument(name: string, options: WorkspaceOptions = {}): Record<string, unknown> {
  const {
    instanceType = 'Standard_NC24ads_A100_v4',
    preset = 'phi-3-mini-4k-instruct',
    annotations,
    inference,
  } = options;
  return {
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { name, namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
    resource: { instanceType, labelSelector: { matchLabels: { apps: name } } },
    inference: { preset: { name: preset }, ...inference },
  };
}

/** A valid tuning Workspace. */
export function tuningDocument(
  name: string,
  annotations: Record<string, string> = {},
): Record<string, unknown> {
  return {
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { name, namespace: 'default', annotations },
    resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: { matchLabels: { app: name } } },
    tuning: {
      preset: { name: 'phi-3-mini-4k-instruct' },
      method: 'qlora',
      input: { urls: ['https://huggingface.co/datasets/example/resolve/main/train.parquet'] },
      output: { image: 'example.azurecr.io/adapters/phi-3:0.0.1', imagePushSecret: 'registry' },
    },
  };
}

/** What a test looks at of a workspace. */
export interface WorkspaceState {
  uid: string;
  phase: string;
  state: string;
  conditions: Record<string, string>;
  failure: { code: string; message: string; remedy?: string } | undefined;
  pools: { pool: string; wish: string; generation: number }[];
  workerNodes: string[];
  waitingFor: string;
  deleting: boolean;
}

export function readState(harness: PlatformHarness, name: string): WorkspaceState | undefined {
  const object = harness.store.get(workspaces, { namespace: 'default', name });
  if (object === undefined) return undefined;
  const status = record(object['status']);
  const slipway = record(status['slipway']);
  const failure = record(slipway['failure']);
  return {
    uid: object.metadata.uid,
    phase: text(slipway['phase']) || 'Unseen',
    state: text(status['state']),
    conditions: Object.fromEntries(
      list(status['conditions']).map((condition) => [text(condition['type']), text(condition['status'])]),
    ),
    failure:
      slipway['failure'] === null || slipway['failure'] === undefined
        ? undefined
        : {
            code: text(failure['code']),
            message: text(failure['message']),
            ...(failure['remedy'] === undefined ? {} : { remedy: text(failure['remedy']) }),
          },
    pools: list(slipway['allocations']).map((allocation) => ({
      pool: text(allocation['pool']),
      wish: text(allocation['wish']),
      generation: Number(allocation['generation']),
    })),
    workerNodes: Array.isArray(status['workerNodes']) ? status['workerNodes'].map(String) : [],
    waitingFor: text(record(slipway['waitingFor'])['what']),
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

export function phaseOf(harness: PlatformHarness, name: string): string {
  return readState(harness, name)?.phase ?? 'Gone';
}

/** An agent pool as Azure has it. */
export interface PoolState {
  name: string;
  uid: string;
  state: string;
  count: number;
  /** `Running` or `Stopped`. */
  power: string;
  tags: Record<string, string>;
  machines: string[];
}

/** Agent pools of ours that the cloud has now, by the workspace uid in their tags. */
export async function pools(harness: PlatformHarness): Promise<PoolState[]> {
  return (await allPools(harness)).filter(({ uid }) => uid !== '');
}

/** Every agent pool that the cloud has now; `uid` is empty for those that no workspace's tags are on. */
export async function allPools(harness: PlatformHarness): Promise<PoolState[]> {
  const response = await fetch(`${harness.azure.armUrl}/simulator/state`);
  const state = record(await response.json());
  return list(state['pools']).map((pool) => {
    const { tags: given, count, powerState } = record(pool['properties']);
    const tags = Object.fromEntries(Object.entries(record(given)).map(([tag, value]) => [tag, text(value)]));
    return {
      name: text(pool['name']),
      uid: tags['slipway-workspace-uid'] ?? '',
      state: text(pool['provisioningState']),
      count: Number(count),
      power: text(record(powerState)['code']),
      tags,
      machines: list(pool['machines']).map((machine) => text(machine['name'])),
    };
  });
}

/** Objects in the cluster that carry our label and belong to this workspace. */
export function objectsOf(harness: PlatformHarness, name: string): string[] {
  const kinds = [
    { group: 'apps', version: 'v1', plural: 'statefulsets' },
    { group: '', version: 'v1', plural: 'services' },
    { group: '', version: 'v1', plural: 'pods' },
  ];
  return kinds.flatMap((kind) =>
    harness.store
      .list(kind, { namespace: 'default', labels: { 'kaito.sh/workspace': name } })
      .map((object) => `${kind.plural}/${object.metadata.name}`),
  );
}

const workspaces = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
