import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import './support/functions-core.ts';
import * as df from 'durable-functions';
import { Rig } from './support/rig.ts';

const minute = 60_000;

class QuotaExceeded extends Error {
  override readonly name = 'QuotaExceeded';
}

df.app.setExceptionPropertiesProvider({
  getExceptionProperties: (error) => (error instanceof QuotaExceeded ? { needed: 96, free: 48 } : undefined),
});
df.app.activity('allocate', {
  handler: () => {
    throw new QuotaExceeded('96 vCPUs needed');
  },
});
df.app.activity('braces', {
  handler: () => {
    throw new Error('{not JSON at all');
  },
});
df.app.activity('okay', { handler: () => 'okay' });
df.app.orchestration('readingDetails', function* (context) {
  try {
    yield context.df.callActivity('allocate');
  } catch (error) {
    if (!(error instanceof df.TaskFailedError)) return 'a plain error';
    const { errorType, errorMessage, properties } = error.failureDetails;
    return { errorType, errorMessage, properties };
  }
  return 'nothing thrown';
});
df.app.orchestration('readingBraces', function* (context) {
  try {
    yield context.df.callActivity('braces');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing thrown';
});
df.app.orchestration('occupant', function* (context) {
  yield context.df.waitForExternalEvent('leave');
});
df.app.orchestration('squatter', function* (context) {
  try {
    yield context.df.callSubOrchestrator('occupant', {}, 'taken');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing thrown';
});
df.app.orchestration('failingBesideASibling', function* (context) {
  const later = new Date(context.df.currentUtcDateTime.getTime() + minute);
  yield context.df.Task.all([context.df.callActivity('allocate'), context.df.createTimer(later)]);
});
df.app.orchestration('droppingAnEvent', function* (context) {
  const [round, heard] = context.df.getInput<[number, unknown[]]>();
  if (round === 1) {
    // Two events come before this ends: heard of by this execution, awaited by none.
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + minute));
    context.df.continueAsNew([2, heard]);
    return heard;
  }
  const event: unknown = yield context.df.waitForExternalEvent('news');
  return [...heard, event];
});
df.app.orchestration('throwingNothing', function* (context) {
  yield context.df.callActivity('okay');
  throw new Error('');
});

describe('failures', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('carry the properties an app lifts from its errors', async () => {
    assert.deepEqual((await rig.run('readingDetails')).output, {
      errorType: 'QuotaExceeded',
      errorMessage: '96 vCPUs needed',
      properties: { needed: 96, free: 48 },
    });
  });

  it('keep a message that only looks like JSON as it is', async () => {
    assert.match(String((await rig.run('readingBraces')).output), /failed: \{not JSON at all/);
  });

  it('of a sub-orchestration whose id is taken say so, instead of hanging', async () => {
    await rig.start('occupant', {}, 'taken');
    assert.match(String((await rig.run('squatter')).output), /'taken' is already running/);
    assert.equal((await rig.status('taken')).runtimeStatus, 'Running');
  });

  it('without a message are failures all the same', async () => {
    const status = await rig.run('throwingNothing');
    assert.equal(status.runtimeStatus, 'Failed');
    assert.match(String(status.output), /without a message/);
  });

  it('wait for the siblings that the host still awaits, as in Azure', async () => {
    const id = await rig.start('failingBesideASibling');
    await rig.idle();
    assert.equal((await rig.status(id)).runtimeStatus, 'Running');
    const status = await rig.finish(id);
    assert.equal(status.runtimeStatus, 'Failed');
    assert.equal(status.lastUpdatedTime, '2026-01-01T00:01:00Z');
  });
});

describe('external events around continueAsNew', () => {
  it('are dropped when the old execution heard but did not await them; later ones are kept', async () => {
    const rig = Rig.started();
    const id = await rig.start('droppingAnEvent', [1, []]);
    await rig.idle();
    await rig.raise(id, 'news', 'heard by the first execution');
    await rig.idle();
    rig.clock.step();
    await rig.idle();
    assert.equal((await rig.status(id)).runtimeStatus, 'Running');
    await rig.raise(id, 'news', 'for the second');
    assert.deepEqual((await rig.finish(id)).output, ['for the second']);
    await rig.engine.stop();
  });
});
