import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import {
  applyByKubectl,
  askForDelete,
  makeReady,
  poolWrites,
  startPlatform,
  untilNothingLeft,
  untilPhase,
  workspaceType,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

const statefulSets = { group: 'apps', version: 'v1', plural: 'statefulsets' };

const refusal = z.object({
  reason: z.string(),
  details: z.object({ causes: z.array(z.object({ field: z.string(), message: z.string() })) }),
});

describe('updates of a workspace that serves', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  after(() => platform.stop());

  /** The pod template that runs now, as text, once its pods are of it and ready. */
  const rolledOut = (name: string): string => {
    const set = platform.store.get(statefulSets, { namespace: 'default', name });
    const { spec, status } = setShape.parse(set);
    const done = status.readyReplicas === spec.replicas && status.updateRevision === status.currentRevision;
    return done && phaseOf(platform, name) === 'Ready' ? JSON.stringify(spec.template) : '';
  };

  /** Does `update`, and waits until the pods show it; the pool must stay the one it was. */
  const expectRollout = async (name: string, update: () => unknown, shows: RegExp): Promise<void> => {
    const uid = await makeReady(platform, workspaceDocument(name));
    assert.doesNotMatch(rolledOut(name), shows);
    const held = (await pools(platform)).filter((pool) => pool.uid === uid);
    const puts = poolWrites(platform);
    await update();
    await platform.until(`${name} runs what was asked for`, () => shows.test(rolledOut(name)));
    assert.equal(poolWrites(platform), puts, 'no pool is asked for again');
    assert.deepEqual(
      (await pools(platform)).filter((pool) => pool.uid === uid),
      held,
    );
    assert.equal(readState(platform, name)?.uid, uid);
    await askForDelete(platform, 'http', name);
    await untilNothingLeft(platform, name, uid);
  };

  const throughput = { 'kaito.sh/performance-mode': 'throughput' };

  it('a performance mode put by HTTP rolls out on the same pool', async () => {
    await expectRollout(
      'by-put',
      async () => {
        const document = workspaceDocument('by-put', { annotations: throughput });
        const answer = await platform.request('PUT', '/workspaces/default/by-put', document);
        assert.equal(answer.status, 202, answer.text);
      },
      /performance-mode[ =]throughput/,
    );
  });

  it('an adapter sent to the queue rolls out on the same pool', async () => {
    const adapters = [{ source: { name: 'falcon', image: 'myregistry.azurecr.io/adapter:1' } }];
    await expectRollout(
      'by-queue',
      () =>
        platform.send('workspace-created', workspaceDocument('by-queue', { inference: { adapters } }), {
          sessionId: 'by-queue',
        }),
      /myregistry\.azurecr\.io\/adapter:1/,
    );
  });

  it('an inference config named with kubectl rolls out on the same pool', async () => {
    platform.store.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'tuned', namespace: 'default' },
      data: { 'inference_config.yaml': 'vllm:\n  max-model-len: 2048\n' },
    });
    await expectRollout(
      'by-kubectl',
      () => applyByKubectl(platform, workspaceDocument('by-kubectl', { inference: { config: 'tuned' } })),
      /"name":"tuned"/,
    );
  });

  it('a change that cannot be planned keeps what serves, says why, and is taken back by the old spec', async () => {
    const name = 'unplannable';
    const uid = await makeReady(platform, workspaceDocument(name));
    const before = rolledOut(name);
    const bad = workspaceDocument(name, { inference: { config: 'missing' } });
    assert.equal((await platform.request('PUT', `/workspaces/default/${name}`, bad)).status, 202);
    await untilPhase(platform, name, 'Failed');
    assert.match(readState(platform, name)?.failure?.message ?? '', /missing/);
    assert.ok(
      objectsOf(platform, name).some((object) => object.startsWith('pods/')),
      'still serves',
    );
    const good = workspaceDocument(name);
    assert.equal((await platform.request('PUT', `/workspaces/default/${name}`, good)).status, 202);
    await untilPhase(platform, name, 'Ready');
    assert.equal(rolledOut(name), before);
    assert.equal(readState(platform, name)?.uid, uid);
    assert.equal((await pools(platform)).filter((pool) => pool.uid === uid).length, 1);
  });

  it('a change of what cannot change is refused with its field, and nothing moves', async () => {
    await makeReady(platform, workspaceDocument('fixed'));
    const version = (): string | undefined =>
      platform.store.get(workspaceType, { namespace: 'default', name: 'fixed' })?.metadata.resourceVersion;
    const before = version();
    const cases = {
      'resource.instanceType': workspaceDocument('fixed', { instanceType: 'Standard_NC48ads_A100_v4' }),
      'inference.preset': workspaceDocument('fixed', { preset: 'phi-4' }),
    };
    for (const [field, document] of Object.entries(cases)) {
      const answer = await platform.request('PUT', '/workspaces/default/fixed', document);
      assert.equal(answer.status, 422, answer.text);
      const { reason, details } = refusal.parse(answer.json);
      assert.equal(reason, 'Invalid');
      assert.deepEqual(
        details.causes.map((cause) => cause.field),
        [field],
      );
      await platform.send('workspace-created', document, { sessionId: 'fixed' });
    }
    await platform.quiet();
    assert.equal(version(), before);
    const rejected = await platform.request('GET', '/rejected');
    for (const field of Object.keys(cases))
      assert.match(rejected.text, new RegExp(field.replace('.', '\\.')));
  });
});

const setShape = z.object({
  spec: z.object({ replicas: z.number(), template: z.unknown() }),
  status: z.object({
    readyReplicas: z.number().default(0),
    currentRevision: z.string().optional(),
    updateRevision: z.string().optional(),
  }),
});
