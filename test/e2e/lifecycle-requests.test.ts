import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  applyByKubectl,
  askFor,
  askForDelete,
  makeReady,
  orchestrationOf,
  poolWrites,
  startPlatform,
  uidOf,
  untilNothingLeft,
  untilPhase,
  workspaceOrchestrations,
  workspaceType,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

describe('requests that repeat, cross and come late', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  after(() => platform.stop());

  it('the same request many times at once, by both doors and redelivered, is one workspace on one pool', async () => {
    const document = workspaceDocument('often');
    const before = { puts: poolWrites(platform), lives: await workspaceOrchestrations(platform) };
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => platform.request('POST', '/workspaces', document)),
      ...Array.from({ length: 5 }, async (_, index) => {
        await platform.send('workspace-created', document, { sessionId: `user-${index}` });
      }),
    ]);
    for (const answer of answers) if (answer !== undefined) assert.equal(answer.status, 202, answer.text);
    await untilPhase(platform, 'often', 'Ready');
    await platform.send('workspace-created', document, { sessionId: 'again' });
    await platform.request('POST', '/workspaces', document);
    await platform.pass(1200);
    assert.equal(poolWrites(platform) - before.puts, 1);
    assert.equal((await workspaceOrchestrations(platform)).length - before.lives.length, 1);
    const uid = uidOf(platform, 'often');
    assert.equal((await pools(platform)).filter((pool) => pool.uid === uid).length, 1);
    assert.equal(phaseOf(platform, 'often'), 'Ready');
    await askForDelete(platform, 'http', 'often');
    await untilNothingLeft(platform, 'often', uid);
  });

  it('a delete sent right behind its create, before either is seen, leaves nothing', async () => {
    const puts = poolWrites(platform);
    await askFor(platform, 'queue', workspaceDocument('fleeting'));
    await askForDelete(platform, 'queue', 'fleeting');
    await platform.pass(1800);
    assert.equal(phaseOf(platform, 'fleeting'), 'Gone');
    assert.deepEqual(await pools(platform), []);
    assert.ok(poolWrites(platform) - puts <= 1);
  });

  it('a delete by HTTP right behind a create by HTTP leaves nothing', async () => {
    await askFor(platform, 'http', workspaceDocument('regretted'));
    const uid = uidOf(platform, 'regretted');
    await askForDelete(platform, 'http', 'regretted');
    await untilNothingLeft(platform, 'regretted', uid);
  });

  it('a queued delete ends a workspace that kubectl made in the same second', async () => {
    await platform.pass(1 - ((platform.clock.now() / 1000) % 1) + 0.25);
    await askFor(platform, 'kubectl', workspaceDocument('same-second'));
    const uid = uidOf(platform, 'same-second');
    await askForDelete(platform, 'queue', 'same-second');
    await untilNothingLeft(platform, 'same-second', uid);
  });

  it('made again right after its delete it is a new workspace on a new pool', async () => {
    const document = workspaceDocument('again');
    const first = await makeReady(platform, document);
    const [firstPool] = (await pools(platform)).filter(({ uid }) => uid === first);
    await askForDelete(platform, 'http', 'again');
    const refused = await platform.request('POST', '/workspaces', document);
    assert.equal(refused.status, 409, refused.text);
    assert.ok(Number(refused.headers.get('retry-after')) > 0, 'says when to ask again');
    await platform.pass(1);
    await platform.send('workspace-created', document, { sessionId: 'again' });
    await untilNothingLeft(platform, 'again', first);
    await platform.allDelivered();
    await untilPhase(platform, 'again', 'Ready');
    const second = uidOf(platform, 'again');
    assert.notEqual(second, first);
    const [secondPool] = (await pools(platform)).filter(({ uid }) => uid === second);
    assert.notEqual(secondPool?.name, firstPool?.name);
    assert.equal(await orchestrationOf(platform, 'again', first), 'Completed');
    assert.equal(await orchestrationOf(platform, 'again', second), 'Running');
  });

  it('an old create that comes back after the delete starts nothing, and an old delete spares the successor', async () => {
    const document = workspaceDocument('replayed');
    const created = new Date(platform.clock.now()).toISOString();
    const first = await makeReady(platform, document, 'queue');
    await platform.pass(10);
    const deleted = new Date(platform.clock.now()).toISOString();
    await askForDelete(platform, 'queue', 'replayed');
    await untilNothingLeft(platform, 'replayed', first);
    const lives = (await workspaceOrchestrations(platform)).length;
    await platform.send('workspace-created', document, redelivered('replayed', created));
    await platform.pass(1800);
    assert.equal(phaseOf(platform, 'replayed'), 'Gone');
    assert.equal((await workspaceOrchestrations(platform)).length, lives);

    const second = await makeReady(platform, document, 'queue');
    await platform.send(
      'workspace-deleted',
      { namespace: 'default', name: 'replayed' },
      redelivered('replayed', deleted),
    );
    await platform.pass(1800);
    assert.equal(uidOf(platform, 'replayed'), second);
    assert.equal(phaseOf(platform, 'replayed'), 'Ready');
  });

  it('an old update that comes late does not undo a newer one', async () => {
    const mode = (value: string): Record<string, unknown> =>
      workspaceDocument('updated', { annotations: { 'kaito.sh/performance-mode': value } });
    await makeReady(platform, mode('balanced'), 'queue');
    await platform.pass(5);
    const earlier = new Date(platform.clock.now()).toISOString();
    await platform.pass(5);
    await platform.send('workspace-created', mode('throughput'), { sessionId: 'updated' });
    await platform.pass(600);
    await platform.send('workspace-created', mode('interactivity'), redelivered('updated', earlier));
    await platform.pass(600);
    const record = platform.store.get(workspaceType, { namespace: 'default', name: 'updated' });
    assert.equal(record?.metadata.annotations?.['kaito.sh/performance-mode'], 'throughput');
  });

  it('applied with kubectl it is taken up without any event', async () => {
    applyByKubectl(platform, workspaceDocument('applied'));
    await untilPhase(platform, 'applied', 'Ready');
    const uid = uidOf(platform, 'applied');
    await askForDelete(platform, 'kubectl', 'applied');
    await untilNothingLeft(platform, 'applied', uid);
  });

  it('deleted with kubectl before anybody saw it, it leaves nothing', async () => {
    const puts = poolWrites(platform);
    applyByKubectl(platform, workspaceDocument('unseen'));
    await askForDelete(platform, 'kubectl', 'unseen');
    await platform.pass(1800);
    assert.equal(phaseOf(platform, 'unseen'), 'Gone');
    assert.equal(poolWrites(platform), puts);
  });

  it('applied with kubectl and invalid it says what is wrong, holds nothing, and becomes Ready once mended', async () => {
    const instanceType = 'Standard_D8ds_v5';
    applyByKubectl(platform, workspaceDocument('mended', { instanceType }));
    await untilPhase(platform, 'mended', 'Failed');
    const failed = readState(platform, 'mended');
    assert.equal(failed?.state, 'Failed');
    assert.match(failed.failure?.message ?? '', /instanceType/);
    assert.ok(failed.failure?.remedy, 'says what to do');
    assert.deepEqual(
      (await pools(platform)).filter(({ uid }) => uid === failed.uid),
      [],
    );
    applyByKubectl(platform, workspaceDocument('mended'));
    await untilPhase(platform, 'mended', 'Ready');
    assert.equal(readState(platform, 'mended')?.failure, undefined);
  });
});

/** A copy of a request as the queue brings it back later: another message id, the first time it was enqueued. */
function redelivered(sessionId: string, requestedAt: string): Parameters<PlatformHarness['send']>[2] {
  return {
    sessionId,
    messageId: `${sessionId}-${requestedAt}.attempt-1`,
    applicationProperties: { attempt: 1, requestedAt },
  };
}
