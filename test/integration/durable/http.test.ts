import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import './support/functions-core.ts';
import * as df from 'durable-functions';
import { Rig, parse, parseList } from './support/rig.ts';

const minute = 60_000;

df.app.activity('double', { handler: (n: number) => n * 2 });
df.app.orchestration('doubling', function* (context) {
  const result: unknown = yield context.df.callActivity('double', context.df.getInput());
  return result;
});
df.app.orchestration('waiting', function* (context) {
  const answer: unknown = yield context.df.waitForExternalEvent('go');
  return answer;
});
df.app.orchestration('parentOfWaiting', function* (context) {
  try {
    yield context.df.callSubOrchestrator('waiting', {}, 'child-to-stop');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'no error';
});
df.app.orchestration('ticking', function* (context) {
  for (let n = 0; n < 3; n += 1) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + minute));
  }
  return context.df.currentUtcDateTime.toISOString();
});
df.app.orchestration('throwing', function* (context) {
  yield context.df.callActivity('double', 1);
  throw new Error('on purpose');
});

describe('starting over HTTP', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('answers 202 with links that say where to look', async () => {
    const response = await rig.call('POST', 'orchestrators/doubling/mine?code=KEY', 4);
    assert.equal(response.status, 202);
    const links = parse(response.body);
    assert.equal(links['id'], 'mine');
    const base = 'http://localhost:7071/runtime/webhooks/durabletask/instances/mine';
    assert.equal(links['statusQueryGetUri'], `${base}?taskHub=TestHub&connection=Storage&code=KEY`);
    assert.equal(
      links['sendEventPostUri'],
      `${base}/raiseEvent/{eventName}?taskHub=TestHub&connection=Storage&code=KEY`,
    );
    assert.equal(response.headers['location'], links['statusQueryGetUri']);
    assert.equal((await rig.finish('mine')).output, 8);
  });

  it('refuses an unknown orchestrator, a bad body and a bad id with 400', async () => {
    const unknown = await rig.call('POST', 'orchestrators/dubling', 4);
    assert.equal(unknown.status, 400);
    assert.match(unknown.body, /dubling.*Known orchestrator functions: doubling/);
    const encoder = new TextEncoder();
    const request = {
      method: 'POST',
      path: 'orchestrators/doubling',
      query: new URLSearchParams(),
      headers: {},
      origin: '',
    };
    assert.equal((await rig.engine.handle({ ...request, body: encoder.encode('{') })).status, 400);
    assert.equal((await rig.call('POST', 'orchestrators/doubling/@x@y', 4)).status, 400);
    assert.equal((await rig.call('POST', 'orchestrators/doubling/a%2Fb', 4)).status, 400);
  });

  it('refuses the id of a live instance with 409 and replaces one that ended', async () => {
    await rig.start('waiting', {}, 'twice');
    assert.equal((await rig.call('POST', 'orchestrators/waiting/twice')).status, 409);
    await rig.raise('twice', 'go', 1);
    await rig.finish('twice');
    await rig.start('doubling', 21, 'twice');
    assert.equal((await rig.finish('twice')).output, 42);
  });

  it('can wait for the result, and gives up waiting on the virtual clock', async () => {
    const done = await rig.call('POST', 'orchestrators/doubling?timeout=30&pollingInterval=1', 3);
    assert.deepEqual([done.status, done.body], [200, '6']);
    const failed = await rig.call(
      'POST',
      'orchestrators/throwing?timeout=30&returnInternalServerErrorOnFailure=true',
      3,
    );
    assert.equal(failed.status, 500);
    const pending = rig.call('POST', 'orchestrators/waiting/slow?timeout=30', 3);
    await rig.idle();
    rig.clock.advanceTo(rig.clock.now() + 30_000);
    assert.equal((await pending).status, 202);
    assert.equal(
      (await rig.call('POST', 'orchestrators/doubling?timeout=1&pollingInterval=2', 3)).status,
      400,
    );
  });

  it('has no endpoint elsewhere', async () => {
    assert.equal((await rig.call('GET', 'orchestrators/doubling')).status, 404);
    assert.equal((await rig.call('POST', 'instances/x/explode')).status, 404);
    assert.equal((await rig.call('GET', 'nothing')).status, 404);
    assert.equal((await rig.call('GET', 'instances/%zz')).status, 400);
  });
});

describe('the status of an instance', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('is 404 when unknown, 202 while it runs and 200 once it ended', async () => {
    assert.equal((await rig.call('GET', 'instances/nobody')).status, 404);
    await rig.start('waiting', { a: 1 }, 'watched');
    const running = await rig.call('GET', 'instances/watched');
    assert.equal(running.status, 202);
    assert.equal(running.headers['retry-after'], '5');
    const { createdTime, ...status } = parse(running.body);
    assert.equal(createdTime, '2026-01-01T00:00:00Z');
    assert.deepEqual(status, {
      name: 'waiting',
      instanceId: 'watched',
      runtimeStatus: 'Pending',
      input: { a: 1 },
      customStatus: null,
      output: null,
      lastUpdatedTime: '2026-01-01T00:00:00Z',
    });
    await rig.raise('watched', 'go', [1]);
    await rig.idle();
    const ended = await rig.call('GET', 'instances/watched?showInput=false');
    assert.equal(ended.status, 200);
    assert.equal(parse(ended.body)['input'], null);
    assert.deepEqual(parse(ended.body)['output'], [1]);
  });

  it('is 200 for a failed instance unless 500 is asked for', async () => {
    const { instanceId } = await rig.run('throwing');
    assert.equal((await rig.call('GET', `instances/${instanceId}`)).status, 200);
    const strict = await rig.call('GET', `instances/${instanceId}?returnInternalServerErrorOnFailure=true`);
    assert.equal(strict.status, 500);
  });

  it('tells its history in virtual time, with results on request', async () => {
    const { instanceId } = await rig.run('doubling', 5);
    const brief = await rig.status(instanceId, 'showHistory=true');
    assert.deepEqual(
      brief.historyEvents?.map((event) => event['EventType']),
      ['ExecutionStarted', 'TaskCompleted', 'ExecutionCompleted'],
    );
    assert.ok(!('Result' in brief.historyEvents[1]!));
    const full = await rig.status(instanceId, 'showHistory=true&showHistoryOutput=true');
    assert.equal(full.historyEvents?.[1]?.['Result'], 10);
    assert.equal(full.historyEvents[1]['FunctionName'], 'double');
  });

  it('dates timers by the clock it was given', async () => {
    const status = await rig.run('ticking');
    assert.equal(status.output, '2026-01-01T00:03:00.000Z');
    assert.equal(status.lastUpdatedTime, '2026-01-01T00:03:00Z');
  });
});

describe('operating an instance', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('answers 404 for an unknown instance and 410 for one that ended', async () => {
    const { instanceId } = await rig.run('doubling', 1);
    for (const operation of ['raiseEvent/go', 'terminate', 'suspend', 'resume']) {
      assert.equal((await rig.call('POST', `instances/nobody/${operation}`)).status, 404);
      assert.equal((await rig.call('POST', `instances/${instanceId}/${operation}`)).status, 410);
    }
  });

  it('terminates with the reason given', async () => {
    await rig.start('waiting', {}, 'stopped');
    await rig.idle();
    assert.equal((await rig.call('POST', 'instances/stopped/terminate?reason=enough')).status, 202);
    const status = await rig.status('stopped');
    assert.deepEqual([status.runtimeStatus, status.output], ['Terminated', 'enough']);
  });

  it('tells a parent that its child was terminated', async () => {
    const id = await rig.start('parentOfWaiting');
    await rig.idle();
    await rig.call('POST', 'instances/child-to-stop/terminate?reason=enough');
    assert.match(String((await rig.finish(id)).output), /enough/);
  });

  it('suspends: events and timers wait until it is resumed', async () => {
    await rig.start('ticking', {}, 'parked');
    await rig.idle();
    assert.equal((await rig.call('POST', 'instances/parked/suspend?reason=lunch')).status, 202);
    rig.clock.advanceTo(rig.clock.now() + 10 * minute);
    await rig.idle();
    assert.equal((await rig.status('parked')).runtimeStatus, 'Suspended');
    assert.equal((await rig.call('POST', 'instances/parked/resume?reason=back')).status, 202);
    const status = await rig.finish('parked');
    assert.equal(status.runtimeStatus, 'Completed');
    assert.equal(status.output, '2026-01-01T00:12:00.000Z');
  });

  it('refuses event names that are numbers, which the SDK would take for task ids', async () => {
    await rig.start('waiting', {}, 'numbered');
    const response = await rig.call('POST', 'instances/numbered/raiseEvent/0', 'x');
    assert.equal(response.status, 400);
    assert.match(response.body, /must not be a number/);
  });

  it('restarts under a new id, or the same one', async () => {
    const { instanceId } = await rig.run('doubling', 8);
    const renewed = parse((await rig.call('POST', `instances/${instanceId}/restart`)).body);
    assert.notEqual(renewed['id'], instanceId);
    assert.equal((await rig.finish(String(renewed['id']))).output, 16);
    const same = await rig.call('POST', `instances/${instanceId}/restart?restartWithNewInstanceId=false`);
    assert.equal(parse(same.body)['id'], instanceId);
    assert.equal((await rig.finish(instanceId)).output, 16);
  });

  it('says that it cannot rewind', async () => {
    const { instanceId } = await rig.run('throwing');
    assert.equal((await rig.call('POST', `instances/${instanceId}/rewind?reason=x`)).status, 501);
  });
});

describe('many instances', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('are found by prefix, status and time, page by page', async () => {
    for (let n = 0; n < 5; n += 1) {
      await rig.start('doubling', n, `a-${n}`);
      rig.clock.advanceTo(rig.clock.now() + minute);
    }
    await rig.start('waiting', {}, 'b-waiting');
    await rig.start('waiting', {}, 'b-parked');
    await rig.call('POST', 'instances/b-parked/suspend');
    await rig.idle();
    const ids = async (query: string): Promise<unknown[]> =>
      parseList((await rig.call('GET', `instances/?${query}`)).body).map((status) => status['instanceId']);
    assert.deepEqual(await ids('instanceIdPrefix=a-'), ['a-0', 'a-1', 'a-2', 'a-3', 'a-4']);
    assert.deepEqual(await ids('runtimeStatus=Running,Pending'), ['b-waiting']);
    assert.deepEqual(await ids('runtimeStatus=Suspended'), ['b-parked']);
    const range = 'createdTimeFrom=2026-01-01T00:01:00.000Z&createdTimeTo=2026-01-01T00:02:00.000Z';
    assert.deepEqual(await ids(range), ['a-1', 'a-2']);

    const pages: unknown[][] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const response = await rig.call('GET', 'instances?top=3', undefined, {
        'X-Ms-Continuation-Token': token,
      });
      pages.push(parseList(response.body).map((status) => status['instanceId']));
      token = response.headers['x-ms-continuation-token'];
    }
    assert.deepEqual(pages, [['a-0', 'a-1', 'a-2'], ['a-3', 'a-4', 'b-parked'], ['b-waiting']]);
    assert.equal((await rig.call('GET', 'instances?top=x')).status, 400);
    const forged = await rig.call('GET', 'instances', undefined, { 'x-ms-continuation-token': 'forged' });
    assert.equal(forged.status, 400);
  });

  it('are purged one by one or by filter, never while they live', async () => {
    assert.equal((await rig.call('DELETE', 'instances/b-waiting')).status, 404);
    const one = await rig.call('DELETE', 'instances/a-0');
    assert.deepEqual([one.status, one.body], [200, '{"instancesDeleted":1}']);
    assert.equal((await rig.call('GET', 'instances/a-0')).status, 404);
    assert.equal((await rig.call('DELETE', 'instances/?runtimeStatus=Completed')).status, 400);
    const many = await rig.call('DELETE', 'instances/?createdTimeFrom=2020-01-01T00:00:00.000Z');
    assert.deepEqual([many.status, many.body], [200, '{"instancesDeleted":4}']);
    const left = parseList((await rig.call('GET', 'instances')).body).map((status) => status['instanceId']);
    assert.deepEqual(left, ['b-parked', 'b-waiting']);
  });
});
