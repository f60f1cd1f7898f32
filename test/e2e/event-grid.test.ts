import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deletePool, poolExists } from '../harness/azure-portal.ts';
import {
  askFor,
  askForDelete,
  makeReady,
  startPlatform,
  uidOf,
  untilNothingLeft,
  untilPhase,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

/** Virtual seconds: a look and a turn take none, but for the half second that keeps looks apart. */
const atOnce = 2;

describe('Azure tells of an agent pool by Event Grid', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  after(() => platform.stop());

  const send = (type: string, pool: string): Promise<void> =>
    platform.send('node-provisioned', {
      specversion: '1.0',
      id: `${type}-${pool}-${platform.clock.now()}`,
      source: platform.cluster.resourceId.split('/providers/')[0] ?? '',
      type: `Microsoft.Resources.${type}`,
      subject: `${platform.cluster.resourceId.toLowerCase()}/agentPools/${pool}`,
      time: new Date(platform.clock.now()).toISOString(),
      data: { operationName: 'Microsoft.ContainerService/managedClusters/agentPools/write' },
    });
  /** Virtual seconds until `condition` holds. */
  const secondsUntil = async (what: string, condition: () => boolean): Promise<number> => {
    const from = platform.clock.now();
    await platform.until(what, condition);
    return (platform.clock.now() - from) / 1000;
  };
  const poolOf = async (name: string): Promise<{ name: string; state: string } | undefined> =>
    (await pools(platform)).find(({ uid }) => uid === readState(platform, name)?.uid);
  const looks = (): number => platform.azure.counts().operations['AgentPools_List'] ?? 0;
  const waitsFor = (name: string): string => readState(platform, name)?.waitingFor ?? '';

  it('written with success: the workspace goes on at once, not at the next look', async () => {
    await askFor(platform, 'http', workspaceDocument('told'));
    await platform.until('Azure has the pool', async () => (await poolOf('told'))?.state === 'Succeeded');
    assert.match(waitsFor('told'), /to be created by Azure/, 'nobody has looked yet');
    await send('ResourceWriteSuccess', (await poolOf('told'))?.name ?? '');
    const seconds = await secondsUntil('its turn has come', () => /nodes to be Ready/.test(waitsFor('told')));
    assert.ok(seconds <= atOnce, `${seconds} s`);
    await untilPhase(platform, 'told', 'Ready');
  });

  it('written without success: a fresh one is asked for at once', async () => {
    platform.azure.faults.set({
      outcomes: [
        {
          match: { operation: 'create' },
          times: 1,
          outcome: { type: 'fail', afterSeconds: 100, code: 'InternalServerError', message: 'try again' },
        },
      ],
    });
    await askFor(platform, 'http', workspaceDocument('failed-once'));
    const failed = async (): Promise<boolean> => (await poolOf('failed-once'))?.state === 'Failed';
    await platform.until('Azure has given up', failed);
    const [first] = readState(platform, 'failed-once')?.pools ?? [];
    await send('ResourceWriteFailure', first?.pool ?? '');
    const replaced = (): boolean =>
      (readState(platform, 'failed-once')?.pools ?? []).some((one) => one.generation === 2);
    const seconds = await secondsUntil('another is wished for', replaced);
    assert.ok(seconds <= atOnce, `${seconds} s`);
    await untilPhase(platform, 'failed-once', 'Ready');
    platform.azure.faults.clear();
  });

  it('deleted behind our back, while the cluster is calm: it is missed at once', async () => {
    const uid = await makeReady(platform, workspaceDocument('robbed'));
    await platform.pass(1800);
    const before = looks();
    await platform.until('a look has just been taken', () => looks() > before);
    const { name = '' } = (await poolOf('robbed')) ?? {};
    await deletePool(platform, name);
    await platform.until('Azure has removed it', async () => !(await poolExists(platform, name)));
    assert.equal(phaseOf(platform, 'robbed'), 'Ready', 'nobody has looked yet');
    await send('ResourceDeleteSuccess', name);
    const seconds = await secondsUntil('it is Degraded', () => phaseOf(platform, 'robbed') === 'Degraded');
    assert.ok(seconds <= atOnce, `${seconds} s`);
    await untilPhase(platform, 'robbed', 'Ready');
    assert.equal(uidOf(platform, 'robbed'), uid);
    for (const one of ['told', 'failed-once', 'robbed']) {
      const gone = uidOf(platform, one);
      await askForDelete(platform, 'http', one);
      await untilNothingLeft(platform, one, gone);
    }
  });

  it('many events at once are answered by few looks', async () => {
    const uid = await makeReady(platform, workspaceDocument('noisy'));
    await platform.pass(1800);
    const { name = '' } = (await poolOf('noisy')) ?? {};
    const before = looks();
    for (let told = 0; told < 60; told += 1) await send('ResourceWriteSuccess', name);
    await platform.pass(60);
    assert.ok(looks() - before <= 25, `${looks() - before} looks`);
    assert.equal(phaseOf(platform, 'noisy'), 'Ready');
    await askForDelete(platform, 'http', 'noisy');
    await untilNothingLeft(platform, 'noisy', uid);
  });
});
