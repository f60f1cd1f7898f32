import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, readState, workspaceDocument } from '../harness/workspaces.ts';

const events = { group: '', version: 'v1', plural: 'events' };

/** What `kubectl describe workspace` shows of one Event. */
interface Told {
  type: string;
  reason: string;
  message: string;
  count: number;
}

describe('Kubernetes Events of a workspace', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());
  afterEach(() => platform.azure.faults.clear());

  const ask = async (
    name: string,
    annotations: Record<string, string> = {},
    instanceType = 'Standard_NC24ads_A100_v4',
  ): Promise<void> => {
    const document = workspaceDocument(name, { annotations, instanceType });
    const posted = await platform.request('POST', '/workspaces', document);
    assert.equal(posted.status, 202, posted.text);
  };
  const untilPhase = (name: string, phase: string): Promise<void> =>
    platform.until(`${name} ${phase}`, () => phaseOf(platform, name) === phase, 1500);
  /** In the order in which they were told first. */
  const toldOf = (name: string, uid = readState(platform, name)?.uid ?? ''): Told[] =>
    platform.store
      .list(events, { namespace: 'default' })
      .filter((event) => record(event['involvedObject'])['uid'] === uid)
      .sort((one, other) => (created(one) < created(other) ? -1 : 1))
      .map((event) => ({
        type: String(event['type']),
        reason: String(event['reason']),
        message: String(event['message']),
        count: Number(event['count']),
      }));
  const reasons = (told: readonly Told[]): string[] => told.map(({ type, reason }) => `${type} ${reason}`);

  it('tell its life from plan to Ready, in KAITO’s words where it has any', async () => {
    await ask('storied');
    await untilPhase('storied', 'Ready');
    const told = toldOf('storied');
    assert.deepEqual(reasons(told), [
      'Normal Planned',
      'Normal NodeClaimCreated',
      'Normal WorkloadApplied',
      'Normal BenchmarkCompleted',
      'Normal Ready',
    ]);
    const pool = readState(platform, 'storied')?.pools[0]?.pool ?? '';
    assert.equal(told[1]?.message, `Successfully created agent pool ${pool} (1 x Standard_NC24ads_A100_v4)`);
    const event = platform.store
      .list(events, { namespace: 'default' })
      .find(({ metadata }) => metadata.name.startsWith('storied.'));
    const { apiVersion, kind, namespace } = record(event?.['involvedObject']);
    assert.deepEqual([apiVersion, kind, namespace], ['kaito.sh/v1beta1', 'Workspace', 'default']);

    await platform.pass(1200);
    assert.equal(toldOf('storied').length, told.length, 'a life without news tells none');
  });

  it('tell that it sleeps, wakes and ends', async () => {
    await ask('sleeper');
    await untilPhase('sleeper', 'Ready');
    const { uid } = readState(platform, 'sleeper') ?? { uid: '' };
    await platform.request('POST', '/workspaces/default/sleeper/suspend');
    await untilPhase('sleeper', 'Suspended');
    await platform.request('POST', '/workspaces/default/sleeper/resume');
    await untilPhase('sleeper', 'Ready');
    const lived = reasons(toldOf('sleeper', uid));
    for (const reason of ['Suspended', 'Resumed', 'Ready'])
      assert.ok(lived.includes(`Normal ${reason}`), reason);
    const ready = toldOf('sleeper', uid).find(({ reason }) => reason === 'Ready');
    assert.equal(ready?.count, 2, 'the same words again are one Event that counts');
    await platform.request('DELETE', '/workspaces/default/sleeper');
    await untilPhase('sleeper', 'Gone');
    assert.ok(reasons(toldOf('sleeper', uid)).includes('Normal Deleting'));
  });

  it('tell that its time is over', async () => {
    await ask('mortal', { 'slipway.dev/ttl': '2h' });
    await untilPhase('mortal', 'Ready');
    const { uid } = readState(platform, 'mortal') ?? { uid: '' };
    await untilPhase('mortal', 'Gone');
    assert.ok(reasons(toldOf('mortal', uid)).includes('Normal Expired'));
  });

  it('that cannot be written are logged, and nothing waits for them', async () => {
    platform.azure.faults.add({
      kubernetes: [{ action: 'status', code: 403, match: { method: 'POST', path: '**/events' } }],
    });
    await ask('untold');
    await untilPhase('untold', 'Ready');
    assert.deepEqual(toldOf('untold'), []);
    const line = platform.logLines.find((one) => one.includes('Kubernetes Events were not written'));
    assert.match(line ?? '', /Forbidden/);
  });

  it('tell why Azure makes no nodes, and what was chosen instead', async () => {
    platform.azure.faults.add({ limits: { quota: { StandardNCADSA100v4Family: 0 } } });
    await ask('climbing', { 'slipway.dev/fallback-instance-types': 'Standard_NV36ads_A10_v5' });
    await untilPhase('climbing', 'Ready');
    const told = toldOf('climbing');
    assert.ok(reasons(told).includes('Normal FallbackChosen'), reasons(told).join());

    await ask('refused', { 'slipway.dev/retry': 'first' });
    await untilPhase('refused', 'Failed');
    const failed = toldOf('refused').find(({ reason }) => reason === 'Failed');
    assert.equal(failed?.type, 'Warning');
    assert.match(failed.message, /Quota/);
  });

  it('tell a refusal by Azure with its code', async () => {
    platform.azure.faults.add({
      outcomes: [
        {
          match: { operation: 'create' },
          outcome: {
            type: 'fail',
            afterSeconds: 60,
            code: 'RequestDisallowedByPolicy',
            message: 'tag missing',
          },
        },
      ],
    });
    await ask('disallowed', {}, 'Standard_NC40ads_H100_v5');
    await untilPhase('disallowed', 'Failed');
    const told = toldOf('disallowed');
    const refusal = told.find(({ reason }) => reason === 'NodeClaimCreationFailed');
    assert.equal(refusal?.type, 'Warning', reasons(told).join());
    assert.match(refusal.message, /DisallowedByPolicy: tag missing/);
  });
});

function created({
  metadata,
}: {
  metadata: { resourceVersion: string; creationTimestamp?: string };
}): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.resourceVersion.padStart(12, '0')}`;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
