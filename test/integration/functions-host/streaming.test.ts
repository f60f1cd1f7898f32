import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import type { FunctionsHost } from '../../../infra/local/functions/host.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';
import { until } from './support/until.ts';

/** What the fixture app shares with its test. */
interface Streams {
  gates: (() => void)[];
  ended: number;
  received: string[];
}

function streams(): Streams {
  const shared: unknown = Reflect.get(globalThis, 'streamingFixture');
  assert.ok(isStreams(shared));
  return shared;
}

function isStreams(value: unknown): value is Streams {
  return typeof value === 'object' && value !== null && 'gates' in value && 'received' in value;
}

describe('streamed HTTP functions', () => {
  let host: FunctionsHost;

  before(async () => {
    host = await startFunctionsHost({
      appDirectory: await fixtureApp('streaming'),
      port: 0,
      clock: new SteppedClock(),
      dataDirectory: await dataDirectory(),
      durable: (options) => new EngineDouble(options),
    });
  });
  after(() => host.stop());

  const openGate = async (): Promise<void> => (await until(() => streams().gates.shift(), 'a gate'))();

  it('sends each chunk as the handler makes it', async () => {
    const response = await fetch(`${host.url}/watch/it`, { headers: { 'x-given': 'value' } });
    assert.equal(response.headers.get('x-name'), 'it');
    assert.equal(response.headers.get('x-given'), 'value');
    assert.equal(response.headers.get('x-ms-invocation-id'), null);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const index of [0, 1, 2]) {
      assert.deepEqual(await reader.read(), { done: false, value: `chunk ${index}\n` });
      assert.equal(host.idle(), false, 'a stream under way is an invocation in flight');
      await openGate();
    }
    assert.equal((await reader.read()).done, true);
    await until(() => host.idle(), 'idle after the stream');
  });

  it('hands the request body on chunk by chunk', async () => {
    const request = httpRequest(`${host.url}/upload`, { method: 'POST' });
    request.write('first');
    await until(() => streams().received.length === 1, 'the first chunk');
    request.end('second');
    const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
    assert.equal(response.statusCode, 201);
    response.resume();
    await once(response, 'end');
    assert.deepEqual(streams().received, ['first', 'second']);
  });

  it('answers whole requests of any method like a buffered host', async () => {
    const posted = await fetch(`${host.url}/echo?q=1`, { method: 'POST', body: 'body' });
    assert.equal(await posted.text(), 'POST 1 body');
    const deleted = await fetch(`${host.url}/echo?q=2`, { method: 'DELETE' });
    assert.equal(await deleted.text(), 'DELETE 2 ');
    assert.deepEqual((await fetch(`${host.url}/cookie`)).headers.getSetCookie(), ['a=1']);
  });

  it('answers at once when the handler does not read the body', async () => {
    const response = await fetch(`${host.url}/refuses`, { method: 'POST', body: 'x'.repeat(2_000_000) });
    assert.equal(response.status, 413);
    assert.equal(await response.text(), 'too much');
  });

  it('answers 500 when the handler throws and 204 when it returns nothing, instead of hanging', async () => {
    assert.equal((await fetch(`${host.url}/broken`)).status, 500);
    assert.equal(
      (await fetch(`${host.url}/broken`, { method: 'POST', body: 'x'.repeat(2_000_000) })).status,
      500,
    );
    assert.equal((await fetch(`${host.url}/nothing`)).status, 204);
    assert.equal((await fetch(`${host.url}/nothing`, { method: 'POST', body: 'x' })).status, 204);
  });

  it('breaks the connection off when the source of a stream fails, so that nobody takes it for whole', async () => {
    const response = await fetch(`${host.url}/breaksOff`);
    assert.equal(response.status, 200);
    await openGate();
    await assert.rejects(response.text());
    await until(() => host.idle(), 'idle after the failure');
  });

  it('survives a client that goes away mid-stream, and goes on serving', async () => {
    const ended = streams().ended;
    const abort = new AbortController();
    const response = await fetch(`${host.url}/watch/gone`, { signal: abort.signal });
    const reader = response.body!.getReader();
    await reader.read();
    abort.abort();
    await assert.rejects(reader.read());
    // As in Azure, the handler is not told: its stream is read to the end.
    for (let gate = 0; gate < 3; gate += 1) await openGate();
    await until(() => streams().ended === ended + 1, 'the end of the abandoned stream');
    await until(() => host.idle(), 'idle after the disconnect');
    assert.equal(
      await (await fetch(`${host.url}/echo?q=3`, { method: 'POST', body: 'still here' })).text(),
      'POST 3 still here',
    );
  });

  it('does not leave an invocation behind when a client disconnects at any early moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const request = httpRequest(`${host.url}/echo?q=4`, { method: 'POST' });
      request.on('error', () => undefined);
      request.write('half a body');
      if (round % 2 === 0) await once(request, 'socket');
      else await new Promise((resolve) => setImmediate(resolve));
      request.destroy();
    }
    await until(() => host.idle(), 'idle after twenty disconnects');
    assert.equal((await fetch(`${host.url}/nothing`)).status, 204);
  });
});
