/** Whole lives of workspaces: how they are asked for and ended at each door, and what must be left afterwards. */
import assert from 'node:assert/strict';
import { workspaceInstanceId } from '../../shared/lifecycle/workspace-key.ts';
import type { HarnessOptions } from './platform.ts';
import { PlatformHarness } from './platform.ts';
import { objectsOf, phaseOf, pools, readState } from './workspaces.ts';

/** The three ways in: our API, our queues, and `kubectl`, which writes the record past both. */
export const doors = ['http', 'queue', 'kubectl'] as const;
export type Door = (typeof doors)[number];

export const workspaceType = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };

/** A platform whose cluster is prepared. */
export async function startPlatform(options: HarnessOptions = {}): Promise<PlatformHarness> {
  const platform = await PlatformHarness.start(options);
  await platform.until(
    'the CRD is installed',
    async () => (await platform.request('GET', '/healthz')).status === 200,
  );
  return platform;
}

export async function askFor(
  platform: PlatformHarness,
  door: Door,
  document: Record<string, unknown>,
): Promise<void> {
  switch (door) {
    case 'http': {
      const answer = await platform.request('POST', '/workspaces', document);
      assert.equal(answer.status, 202, answer.text);
      return;
    }
    case 'queue':
      return platform.send('workspace-created', document, { sessionId: nameOf(document) });
    case 'kubectl':
      applyByKubectl(platform, document);
  }
}

export async function askForDelete(platform: PlatformHarness, door: Door, name: string): Promise<void> {
  switch (door) {
    case 'http': {
      const answer = await platform.request('DELETE', `/workspaces/default/${name}`);
      assert.equal(answer.status, 202, answer.text);
      return;
    }
    case 'queue':
      return platform.send('workspace-deleted', { namespace: 'default', name }, { sessionId: name });
    case 'kubectl':
      platform.store.remove(workspaceType, { namespace: 'default', name });
  }
}

/** Creates the record, or changes everything of it that a user's file says. */
export function applyByKubectl(platform: PlatformHarness, document: Record<string, unknown>): void {
  const key = { namespace: 'default', name: nameOf(document) };
  const { metadata, apiVersion, kind, ...spec } = document;
  if (platform.store.get(workspaceType, key) === undefined) {
    platform.store.create({
      apiVersion: String(apiVersion),
      kind: String(kind),
      metadata: { ...(isRecord(metadata) ? metadata : {}), ...key },
      ...spec,
    });
    return;
  }
  platform.store.mutate(workspaceType, key, (object) => {
    Object.assign(object, spec);
    const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
    object.metadata.annotations = { ...object.metadata.annotations, ...texts(annotations) };
  });
}

export async function untilPhase(platform: PlatformHarness, name: string, phase: string): Promise<void> {
  await platform.until(`${name} is ${phase}`, () => phaseOf(platform, name) === phase);
}

/** Posts and waits until Ready; answers with the record's uid. */
export async function makeReady(
  platform: PlatformHarness,
  document: Record<string, unknown>,
  door: Door = 'http',
): Promise<string> {
  await askFor(platform, door, document);
  await untilPhase(platform, nameOf(document), 'Ready');
  return uidOf(platform, nameOf(document));
}

export function uidOf(platform: PlatformHarness, name: string): string {
  const uid = readState(platform, name)?.uid;
  assert.ok(uid, `${name} has a record`);
  return uid;
}

/** Invariant I2: no record, no object, no pool, and nobody who still looks after it. */
export async function untilNothingLeft(platform: PlatformHarness, name: string, uid: string): Promise<void> {
  await platform.until(`the record of ${name} is gone`, () => readState(platform, name)?.uid !== uid);
  await platform.until(`the orchestration of ${name} has ended`, async () => {
    return !['Running', 'Pending', 'ContinuedAsNew'].includes(await orchestrationOf(platform, name, uid));
  });
  assert.deepEqual(objectsOf(platform, name), []);
  assert.deepEqual(
    (await pools(platform)).filter((pool) => pool.uid === uid),
    [],
  );
}

/** Runtime status of the orchestration of one record; `None` when there never was one. */
export async function orchestrationOf(platform: PlatformHarness, name: string, uid: string): Promise<string> {
  const id = workspaceInstanceId({ cluster: 'demo', namespace: 'default', name }, uid);
  const response = await fetch(`${platform.host.url}/runtime/webhooks/durabletask/instances/${id}`);
  if (response.status === 404) return 'None';
  const status: unknown = await response.json();
  return isRecord(status) ? String(status['runtimeStatus']) : 'None';
}

/** Every workspace orchestration there ever was in this task hub, by instance id. */
export async function workspaceOrchestrations(
  platform: PlatformHarness,
): Promise<{ id: string; status: string }[]> {
  const response = await fetch(
    `${platform.host.url}/runtime/webhooks/durabletask/instances?instanceIdPrefix=ws-`,
  );
  const found: unknown = await response.json();
  assert.ok(Array.isArray(found));
  return found
    .filter(isRecord)
    .map((one) => ({ id: String(one['instanceId']), status: String(one['runtimeStatus']) }));
}

/** How many agent pools ARM was asked to make or change so far, refusals included. */
export function poolWrites(platform: PlatformHarness): number {
  return platform.azure.counts().operations['AgentPools_CreateOrUpdate'] ?? 0;
}

export function nameOf(document: Record<string, unknown>): string {
  const { metadata } = document;
  return isRecord(metadata) ? String(metadata['name']) : '';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
