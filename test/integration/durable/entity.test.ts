import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import './support/functions-core.ts';
import * as df from 'durable-functions';
import { Rig, parseList } from './support/rig.ts';

df.app.entity('Counter', (context) => {
  const value = Number(context.df.getState(() => 0));
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + Number(context.df.getInput()));
      break;
    case 'get':
      context.df.return(value);
      break;
    case 'forward':
      context.df.signalEntity(new df.EntityId('counter', String(context.df.getInput())), 'add', value);
      break;
    case 'break':
      throw new Error('broken');
    case 'forget':
      context.df.destructOnExit();
      break;
    case undefined:
      throw new Error('an operation without a name');
  }
});
df.app.entity('measuring', (context) => {
  const seen = Number(context.df.getState(() => 0));
  context.df.setState(seen + 1);
});
df.app.orchestration('tallying', function* (context) {
  const key = String(context.df.getInput());
  const counter = new df.EntityId('Counter', key);
  context.df.signalEntity(counter, 'add', 2);
  yield context.df.callEntity(counter, 'add', 3);
  const sum: unknown = yield context.df.callEntity(counter, 'get');
  const both: unknown = yield context.df.Task.all([
    context.df.callEntity(counter, 'get'),
    context.df.callEntity(new df.EntityId('Counter', `${key}-other`), 'get'),
  ]);
  return { sum, both };
});
df.app.orchestration('callingABrokenEntity', function* (context) {
  try {
    yield context.df.callEntity(new df.EntityId('Counter', 'broken'), 'break');
  } catch (error) {
    return error instanceof Error;
  }
  return 'nothing thrown';
});
df.app.orchestration('callingNoEntity', function* (context) {
  yield context.df.callEntity(new df.EntityId('Nobody', 'k'), 'get');
});

function keyOf(entityId: unknown): unknown {
  return typeof entityId === 'object' && entityId !== null && 'key' in entityId ? entityId.key : undefined;
}

describe('entities of the unmodified SDK', () => {
  const rig = Rig.started();
  after(() => rig.engine.stop());

  it('keep state between calls and signals of an orchestration', async () => {
    assert.deepEqual((await rig.run('tallying', 'tally')).output, { sum: 5, both: [5, 0] });
  });

  it('take signals from clients and show their state', async () => {
    for (const n of [1, 2, 3])
      assert.equal((await rig.call('POST', 'entities/counter/k1?op=add', n)).status, 202);
    await rig.idle();
    const { status, body } = await rig.call('GET', 'entities/Counter/k1');
    assert.equal(status, 200);
    assert.equal(body, '6');
  });

  it('do not exist before they were told something, nor after they destroyed themselves', async () => {
    assert.equal((await rig.call('GET', 'entities/counter/unknown')).status, 404);
    await rig.call('POST', 'entities/counter/short?op=add', 1);
    await rig.idle();
    assert.equal((await rig.call('GET', 'entities/counter/short')).status, 200);
    await rig.call('POST', 'entities/counter/short?op=forget');
    await rig.idle();
    assert.equal((await rig.call('GET', 'entities/counter/short')).status, 404);
  });

  it('signal other entities', async () => {
    await rig.call('POST', 'entities/counter/source?op=add', 7);
    await rig.call('POST', 'entities/counter/source?op=forward', 'target');
    await rig.idle();
    assert.equal((await rig.call('GET', 'entities/counter/target')).body, '7');
  });

  it('perform every operation of a burst once, in order', async () => {
    for (let n = 0; n < 120; n += 1) await rig.call('POST', 'entities/measuring/burst?op=next', n);
    await rig.idle();
    assert.equal((await rig.call('GET', 'entities/measuring/burst')).body, '120');
  });

  it('reject the call whose operation throws', async () => {
    assert.equal((await rig.run('callingABrokenEntity')).output, true);
  });

  it('are listed by name, page by page, with state on request', async () => {
    for (const key of ['a', 'b', 'c']) await rig.call('POST', `entities/measuring/list-${key}?op=next`, 1);
    await rig.idle();
    const query = 'entities/measuring?top=3&fetchState=true';
    const first = await rig.call('GET', query);
    const token = first.headers['x-ms-continuation-token'];
    assert.ok(token !== undefined);
    const rest = await rig.call('GET', query, undefined, { 'X-MS-Continuation-Token': token });
    assert.equal(rest.headers['x-ms-continuation-token'], undefined);
    const entities = [...parseList(first.body), ...parseList(rest.body)];
    const keys = entities.map(({ entityId, state }) => [keyOf(entityId), state]);
    assert.deepEqual(keys, [
      ['burst', 120],
      ['list-a', 1],
      ['list-b', 1],
      ['list-c', 1],
    ]);
  });

  it('that are not registered fail the orchestration and refuse the signal, naming those that are', async () => {
    const status = await rig.run('callingNoEntity');
    assert.equal(status.runtimeStatus, 'Failed');
    assert.match(String(status.output), /'nobody' doesn't exist.*Known entity functions: Counter, measuring/);
    const { status: code, body } = await rig.call('POST', 'entities/nobody/k?op=add', 1);
    assert.equal(code, 400);
    assert.match(body, /Counter/);
  });
});
