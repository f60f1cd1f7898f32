import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { invoker, unregister } from './support/functions-core.ts';
import * as df from 'durable-functions';
import type { FunctionInvoker, InvocationResult } from '../../../infra/local/functions/contract.ts';
import { Rig } from './support/rig.ts';

const minute = 60_000;

df.app.activity('fine', { handler: (value: unknown) => value ?? 'fine' });
df.app.activity('alwaysFails', {
  handler: () => {
    throw new Error('as told');
  },
});
let flakyCalls = 0;
df.app.activity('failsOnce', {
  handler: () => {
    flakyCalls += 1;
    if (flakyCalls === 1) throw new Error('once');
    return 'done';
  },
});
df.app.activity('binary', { handler: () => Buffer.from([1, 2, 3]) });
df.app.activity('notANumber', { handler: () => Number.NaN });

df.app.orchestration('reusingATask', function* (context) {
  const event = context.df.waitForExternalEvent('go');
  const slow = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + minute));
  yield context.df.Task.any([slow, context.df.callActivity('fine')]);
  yield context.df.Task.any([slow, event]);
  yield context.df.callActivity('fine');
});
let replays = 0;
df.app.orchestration('changingItsMind', function* (context) {
  replays += 1;
  if (replays === 1) yield context.df.callActivity('fine');
  else yield context.df.callActivity('failsOnce');
});
df.app.orchestration('forgetting', function* (context) {
  replays += 1;
  if (replays === 1) yield context.df.callActivity('fine');
  yield context.df.waitForExternalEvent('never');
});
df.app.orchestration('rejectingInsideAll', function* (context) {
  const retry = new df.RetryOptions(minute, 3);
  try {
    yield context.df.Task.all([
      context.df.callActivity('alwaysFails'),
      context.df.callActivityWithRetry('alwaysFails', retry),
    ]);
  } catch {
    yield context.df.callActivityWithRetry('alwaysFails', retry);
  }
});
df.app.orchestration('cancellingBesideARetry', function* (context) {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60 * minute));
  const work = context.df.callActivityWithRetry('failsOnce', new df.RetryOptions(minute, 3));
  yield context.df.Task.any([work, timer]);
  timer.cancel();
  yield context.df.callActivity('fine');
});
df.app.orchestration('callingAnUnknownActivity', function* (context) {
  yield context.df.callActivity('fien');
});
df.app.orchestration('callingAnUnknownOrchestrator', function* (context) {
  yield context.df.callSubOrchestrator('missing');
});
df.app.orchestration('callingOverHttp', function* (context) {
  yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/' });
});
df.app.orchestration('readingBinary', function* (context) {
  yield context.df.callActivity(String(context.df.getInput()));
});
df.app.orchestration('waitingToVanish', function* (context) {
  yield context.df.waitForExternalEvent('go');
});

describe('an orchestration fails loudly, saying what its author did', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  async function failure(name: string, input?: unknown): Promise<string> {
    const status = await rig.run(name, input);
    assert.equal(status.runtimeStatus, 'Failed');
    assert.ok(rig.log.some((line) => line.startsWith('error') && line.includes(status.instanceId)));
    return String(status.output);
  }

  it('when it puts a yielded task into a second compound', async () => {
    assert.match(await failure('reusingATask'), /Task ids disagree.*second Task.any/s);
  });

  it('when a replay calls another activity than the first run', async () => {
    replays = 0;
    assert.match(
      await failure('changingItsMind'),
      /task 0 was a call of activity fine and is now a call of activity failsOnce/,
    );
  });

  it('when a replay no longer does what history says', async () => {
    replays = 0;
    assert.match(await failure('forgetting'), /task 0 was a call of activity fine and is now nothing/);
  });

  it('when a task inside Task.all rejects while its siblings still take ids', async () => {
    assert.match(await failure('rejectingInsideAll'), /let no task inside Task.all reject/);
  });

  it('when it cancels a timer while a retried task has taken ids', async () => {
    flakyCalls = 0;
    assert.match(await failure('cancellingBesideARetry'), /do not cancel a timer while a retried task/);
  });

  it('when it calls a function that is not there', async () => {
    assert.match(
      await failure('callingAnUnknownActivity'),
      /'fien' doesn't exist.*Known activity functions: .*fine/,
    );
    assert.match(await failure('callingAnUnknownOrchestrator'), /'missing' doesn't exist/);
  });

  it('when it asks for callHttp, which this engine has not', async () => {
    assert.match(await failure('callingOverHttp'), /no callHttp; do it in an activity/);
  });

  it('when an activity returns what JSON cannot hold', async () => {
    assert.match(await failure('readingBinary', 'binary'), /'binary' returned binary data/);
    assert.match(await failure('readingBinary', 'notANumber'), /'notANumber' returned/);
  });

  it('when its function is gone at the next episode', async () => {
    const id = await rig.start('waitingToVanish');
    await rig.idle();
    unregister('waitingToVanish');
    await rig.raise(id, 'go');
    assert.match(String((await rig.finish(id)).output), /'waitingToVanish' doesn't exist/);
  });
});

describe("an orchestrator that does not answer in the SDK's protocol", () => {
  const answers: InvocationResult[] = [];
  const stub: FunctionInvoker = {
    functions: () => [
      { name: 'odd', bindings: {}, trigger: { name: 't', type: 'orchestrationTrigger', options: {} } },
      { name: 'fine', bindings: {}, trigger: { name: 't', type: 'activityTrigger', options: {} } },
    ],
    invoke: (name, request) =>
      name === 'odd' ? Promise.resolve(answers.shift()!) : invoker.invoke(name, request),
  };
  const rig = Rig.started({ invoker: stub });
  after(() => rig.engine.stop());

  function answer(returnValue: unknown, count: number): InvocationResult {
    return {
      outcome: 'succeeded',
      invocationId: 'i',
      returnValue: { json: JSON.stringify(returnValue) },
      context: { df: { taskOrchestratorExecutor: { sequenceNumber: count } } },
    };
  }
  const waiting = {
    isDone: false,
    schemaVersion: 2,
    actions: [[{ actionType: 0, functionName: 'fine', input: 1 }]],
  };

  it('fails when the SDK has counted other ids than the host', async () => {
    answers.push(answer(waiting, 2));
    const status = await rig.run('odd');
    assert.match(String(status.output), /has started 2 tasks by its own count, its host counts 1/);
  });

  it('fails when its answer is not JSON or not a result', async () => {
    answers.push({ outcome: 'succeeded', invocationId: 'i', returnValue: { json: 'nope' }, context: {} });
    assert.match(String((await rig.run('odd')).output), /answer is not JSON: nope/);
    answers.push(answer({ isDone: 'perhaps' }, 0));
    assert.match(String((await rig.run('odd')).output), /answer is not the SDK's/);
    answers.push({ outcome: 'succeeded', invocationId: 'i', returnValue: undefined, context: {} });
    assert.match(String((await rig.run('odd')).output), /returned nothing/);
  });

  it('fails with the error that its invocation ended in', async () => {
    answers.push({ outcome: 'failed', invocationId: 'i', error: new Error('out of memory'), context: {} });
    assert.match(String((await rig.run('odd')).output), /out of memory/);
  });

  it('is taken at its word when this SDK shows no count', async () => {
    answers.push(
      { ...answer(waiting, 0), context: {} },
      { ...answer({ ...waiting, isDone: true, output: 'end' }, 0), context: {} },
    );
    assert.equal((await rig.run('odd')).output, 'end');
  });
});
