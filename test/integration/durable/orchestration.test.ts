import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import './support/functions-core.ts';
import * as df from 'durable-functions';
import type { Task } from 'durable-functions';
import { Rig } from './support/rig.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

df.app.activity('greet', { handler: (name: string) => `Hello ${name}!` });
df.app.activity('echo', { handler: (value: unknown) => value });
df.app.activity('nothing', { handler: () => undefined });
df.app.activity('refuse', {
  handler: (reason: string) => {
    throw new Error(reason);
  },
});
let attempts = 0;
df.app.activity('failTwice', {
  handler: () => {
    attempts += 1;
    if (attempts <= 2) throw new Error(`attempt ${attempts} failed`);
    return `attempt ${attempts} succeeded`;
  },
});

df.app.orchestration('sequence', function* (context) {
  const first: unknown = yield context.df.callActivity('greet', 'Tokyo');
  const second: unknown = yield context.df.callActivity('greet', 'Oslo');
  return [first, second];
});
df.app.orchestration('inputs', function* (context) {
  const values: unknown[] = [];
  for (const value of [
    'text',
    '5',
    5,
    1.5,
    true,
    null,
    [1, 'a'],
    { deep: { Timestamp: 'x' } },
    '',
    '{"a":1}',
  ]) {
    values.push(yield context.df.callActivity('echo', value));
  }
  values.push(yield context.df.callActivity('nothing'));
  return { input: context.df.getInput(), values };
});
df.app.orchestration('fanOut', function* (context) {
  const results: unknown = yield context.df.Task.all(
    [1, 2, 3].map((n) => context.df.callActivity('echo', n)),
  );
  return results;
});
df.app.orchestration('catching', function* (context) {
  try {
    yield context.df.callActivity('refuse', 'no room');
  } catch (error) {
    return error instanceof Error ? error.message : 'not an error';
  }
  return 'nothing thrown';
});
df.app.orchestration('uncaught', function* (context) {
  yield context.df.callActivity('refuse', 'no room');
});
df.app.orchestration('retrying', function* (context) {
  const retry = new df.RetryOptions(minute, 5);
  retry.backoffCoefficient = 2;
  const started = context.df.currentUtcDateTime.getTime();
  const result: unknown = yield context.df.callActivityWithRetry('failTwice', retry);
  return { result, waited: context.df.currentUtcDateTime.getTime() - started };
});
df.app.orchestration('retryingInVain', function* (context) {
  const started = context.df.currentUtcDateTime.getTime();
  try {
    yield context.df.callActivityWithRetry('refuse', new df.RetryOptions(minute, 3), 'never');
  } catch {
    const next: unknown = yield context.df.callActivity('greet', 'anyway');
    return { next, waited: context.df.currentUtcDateTime.getTime() - started };
  }
  return 'nothing thrown';
});
df.app.orchestration('sleeping', function* (context) {
  const started = context.df.currentUtcDateTime.getTime();
  const milliseconds = Number(context.df.getInput());
  yield context.df.createTimer(new Date(started + milliseconds));
  const slept = context.df.currentUtcDateTime.getTime() - started;
  const greeting: unknown = yield context.df.callActivity('greet', 'sleeper');
  return { slept, greeting };
});
df.app.orchestration('listening', function* (context) {
  const first: unknown = yield context.df.waitForExternalEvent('go');
  const second: unknown = yield context.df.waitForExternalEvent('go');
  return [first, second];
});
df.app.orchestration('eventOrTimeout', function* (context) {
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + 10 * minute);
  const timeout = context.df.createTimer(deadline);
  const approval = context.df.waitForExternalEvent('approval');
  const winner: unknown = yield context.df.Task.any([approval, timeout]);
  if (winner === timeout) return 'timed out';
  timeout.cancel();
  const greeting: unknown = yield context.df.callActivity('greet', 'approver');
  return { approval: approval.result, greeting };
});
df.app.orchestration('parent', function* (context) {
  const kept: unknown = yield context.df.callSubOrchestrator('sequence');
  try {
    yield context.df.callSubOrchestrator('uncaught', {}, 'the-child');
  } catch (error) {
    return [kept, error instanceof Error ? error.message : 'not an error'];
  }
  return 'nothing thrown';
});
df.app.orchestration('counting', function* (context) {
  const count = Number(context.df.getInput());
  yield context.df.callActivity('echo', count);
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + minute));
  if (count < 4) context.df.continueAsNew(count + 1);
  return count;
});
df.app.orchestration('collecting', function* (context) {
  const heard = context.df.getInput<unknown[]>();
  const event: unknown = yield context.df.waitForExternalEvent('add');
  heard.push(event);
  if (heard.length < 5) context.df.continueAsNew(heard);
  return heard;
});
df.app.orchestration('speaking', function* (context) {
  context.df.setCustomStatus({ step: 1 });
  yield context.df.waitForExternalEvent('go');
  context.df.setCustomStatus('done');
  return context.df.instanceId;
});
df.app.orchestration('boasting', function* (context) {
  context.df.setCustomStatus('x'.repeat(Number(context.df.getInput())));
  const greeting: unknown = yield context.df.callActivity('greet', 'x');
  return greeting;
});
df.app.orchestration('yieldingALoserAgain', function* (context) {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + minute));
  const event = context.df.waitForExternalEvent('go');
  const activity = context.df.callActivity('greet', 'x');
  yield context.df.Task.any([activity, event, timer]);
  yield timer;
  const heard: unknown = yield event;
  return heard;
});
df.app.orchestration('nesting', function* (context) {
  const call = (value: number): Task => context.df.callActivity('echo', value);
  const results: unknown = yield context.df.Task.all([
    call(1),
    context.df.Task.all([call(2), context.df.callSubOrchestrator('counting', 3)]),
    context.df.Task.any([context.df.waitForExternalEvent('never'), call(4)]),
  ]);
  // The race's result is a task, which JSON cannot hold.
  assert.ok(Array.isArray(results));
  const all: unknown[] = results;
  return all.slice(0, 2);
});
df.app.orchestration('leavingATimer', function* (context) {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + minute));
  yield context.df.Task.any([timer, context.df.callActivity('greet', 'x')]);
  return 'returned';
});

describe('orchestrations of the unmodified SDK', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('call activities one after the other', async () => {
    const status = await rig.run('sequence');
    assert.deepEqual(status.output, ['Hello Tokyo!', 'Hello Oslo!']);
    assert.equal(status.runtimeStatus, 'Completed');
  });

  it('keep every JSON value on its way to an activity and back', async () => {
    const status = await rig.run('inputs', { question: 'text' });
    assert.deepEqual(status.output, {
      input: { question: 'text' },
      values: ['text', '5', 5, 1.5, true, null, [1, 'a'], { deep: { Timestamp: 'x' } }, '', '{"a":1}', null],
    });
  });

  it('fan out and in', async () => {
    assert.deepEqual((await rig.run('fanOut')).output, [1, 2, 3]);
  });

  it('can catch a failed activity and read why', async () => {
    assert.match(String((await rig.run('catching')).output), /^Activity function 'refuse' failed: no room/);
  });

  it('fail with the reason when nothing catches', async () => {
    const status = await rig.run('uncaught');
    assert.equal(status.runtimeStatus, 'Failed');
    assert.match(
      String(status.output),
      /Orchestrator function 'uncaught' failed: Activity function 'refuse' failed: no room/,
    );
  });

  it('retry with growing delays', async () => {
    attempts = 0;
    assert.deepEqual((await rig.run('retrying')).output, {
      result: 'attempt 3 succeeded',
      waited: 3 * minute,
    });
  });

  it('go on after the last retry without waiting again', async () => {
    assert.deepEqual((await rig.run('retryingInVain')).output, { next: 'Hello anyway!', waited: 2 * minute });
  });

  it('sleep for exactly as long as asked, also beyond the longest single timer', async () => {
    for (const milliseconds of [1, minute, 6 * day, 6 * day + 1, 20 * day]) {
      const { output } = await rig.run('sleeping', milliseconds);
      assert.deepEqual(output, { slept: milliseconds, greeting: 'Hello sleeper!' });
    }
  });

  it('hear external events in order, also those raised before they listen', async () => {
    const id = await rig.start('listening', {}, 'listener');
    await rig.raise(id, 'go', { n: 1 });
    await rig.raise(id, 'go');
    assert.deepEqual((await rig.finish(id)).output, [{ n: 1 }, null]);
  });

  it('take an event before its deadline and go on at once', async () => {
    const id = await rig.start('eventOrTimeout');
    await rig.idle();
    const before = rig.clock.now();
    await rig.raise(id, 'approval', 'yes');
    assert.deepEqual((await rig.finish(id)).output, { approval: 'yes', greeting: 'Hello approver!' });
    assert.equal(rig.clock.now(), before);
  });

  it('time out when no event comes', async () => {
    assert.equal((await rig.run('eventOrTimeout')).output, 'timed out');
  });

  it('call sub-orchestrations and hear how they end', async () => {
    const status = await rig.run('parent');
    assert.ok(Array.isArray(status.output));
    assert.deepEqual(status.output[0], ['Hello Tokyo!', 'Hello Oslo!']);
    assert.match(String(status.output[1]), /Orchestrator function 'uncaught' failed/);
    assert.equal((await rig.status('the-child')).runtimeStatus, 'Failed');
  });

  it('continue as new under the same id', async () => {
    const status = await rig.run('counting', 1);
    assert.equal(status.output, 4);
    assert.equal(status.input, 4);
  });

  it('lose no queued event when they continue as new', async () => {
    const id = await rig.start('collecting', [], 'collector');
    for (const n of [1, 2, 3, 4, 5]) await rig.raise(id, 'add', n);
    const { output } = await rig.finish(id);
    assert.deepEqual(output, [1, 2, 3, 4, 5]);
  });

  it('show their custom status', async () => {
    const id = await rig.start('speaking');
    await rig.idle();
    assert.deepEqual((await rig.status(id)).customStatus, { step: 1 });
    await rig.raise(id, 'go');
    const status = await rig.finish(id);
    assert.equal(status.customStatus, 'done');
    assert.equal(status.output, id);
  });

  it('fail when their custom status is larger than Azure takes', async () => {
    assert.equal((await rig.run('boasting', 8 * 1024 - 2)).runtimeStatus, 'Completed');
    const status = await rig.run('boasting', 8 * 1024 - 1);
    assert.equal(status.runtimeStatus, 'Failed');
    assert.match(String(status.output), /custom status is 16386 bytes/);
  });

  it('may yield a task again that lost a race', async () => {
    const id = await rig.start('yieldingALoserAgain');
    await rig.idle();
    await rig.raise(id, 'go', 'heard');
    assert.equal((await rig.finish(id)).output, 'heard');
  });

  it('nest compounds and sub-orchestrations that continue as new', async () => {
    assert.deepEqual((await rig.run('nesting')).output, [1, [2, 4]]);
  });

  it('stay Running until a timer they left behind has fired, as in Azure', async () => {
    const id = await rig.start('leavingATimer');
    await rig.idle();
    assert.equal((await rig.status(id)).runtimeStatus, 'Running');
    assert.equal((await rig.finish(id)).output, 'returned');
  });
});
