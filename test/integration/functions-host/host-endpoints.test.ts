import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { z } from 'zod';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import type { FunctionsHost, FunctionsHostOptions } from '../../../infra/local/functions/host.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';
import { until } from './support/until.ts';

const fixture = z.object({ loaded: z.array(z.string()), events: z.array(z.unknown()), hostname: z.string() });

describe('the host itself', () => {
  let appDirectory: string;
  let host: FunctionsHost;
  let engine: EngineDouble;

  before(async () => {
    process.env['FROM_HOST'] = 'environment wins';
    appDirectory = await fixtureApp('web', {
      'local.settings.json': {
        Values: {
          GREETING: 'from the file',
          FROM_HOST: 'file loses',
          'AzureWebJobs.switchedOff.Disabled': 'true',
        },
        Host: { CORS: 'http://allowed.example' },
      },
    });
  });
  after(() => delete process.env['FROM_HOST']);
  afterEach(() => host.stop());

  const start = async (options: Partial<FunctionsHostOptions> = {}): Promise<void> => {
    host = await startFunctionsHost({
      appDirectory,
      port: 0,
      clock: new SteppedClock(),
      dataDirectory: await dataDirectory(),
      durable: (given) => (engine = new EngineDouble(given)),
      ...options,
    });
  };
  const shared = (): z.output<typeof fixture> => fixture.parse(Reflect.get(globalThis, 'webFixture'));
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.url}${path}`, init);

  it('sets what func sets: local settings unless set already, and where it listens', async () => {
    await start();
    assert.deepEqual(await (await get('/api/settings')).json(), {
      greeting: 'from the file',
      fromHost: 'environment wins',
      environment: 'Development',
      runtime: 'node',
      hostname: `localhost:${host.port}`,
    });
    assert.equal(shared().hostname, `localhost:${host.port}`, 'known while the app loads');
  });

  it('loads entry points once per process, in order, and runs start and end hooks for each host', async () => {
    await start();
    await host.stop();
    await start();
    assert.deepEqual(shared().loaded, ['a-hooks', 'b-functions']);
    assert.deepEqual(shared().events.slice(-2), ['appTerminate, started yes', 'appStart']);
    assert.equal((await get('/api/nothing')).status, 204);
  });

  it('tells how it is', async () => {
    await start();
    const status = z
      .object({ id: z.string(), state: z.literal('Running'), version: z.string(), processUptime: z.number() })
      .parse(await (await get('/admin/host/status')).json());
    assert.ok(status.processUptime > 0);
    assert.equal((await get('/admin/host/ping')).status, 200);
    assert.equal((await get('/admin/host/other')).status, 404);
    assert.equal((await get('/')).status, 200);
  });

  it('lists its functions', async () => {
    await start();
    const list = z
      .array(
        z.object({ name: z.string(), isDisabled: z.boolean(), invoke_url_template: z.string().nullable() }),
      )
      .parse(await (await get('/admin/functions')).json());
    const byName = new Map(list.map((entry) => [entry.name, entry]));
    assert.equal(byName.get('item')?.invoke_url_template, `http://localhost:${host.port}/api/items/{id:int}`);
    assert.equal(byName.get('manual')?.invoke_url_template, null);
    assert.equal(byName.get('switchedOff')?.isDisabled, true);
    assert.equal((await get('/admin/functions/none')).status, 404);
    const unsupported: unknown = await (await get('/admin/functions/unsupported/status')).json();
    assert.match(JSON.stringify(unsupported), /'queueTrigger' is not supported/);
  });

  it('runs a function in the background and answers 202', async () => {
    await start();
    const body = JSON.stringify({ input: '{"x":1}' });
    const response = await get('/admin/functions/manual', { method: 'POST', body });
    assert.equal(response.status, 202);
    await until(() => JSON.stringify(shared().events).includes('{"manual":{"x":1}}'), 'the run');
    assert.equal((await get('/admin/functions/manual', { method: 'POST', body: '{' })).status, 400);
    assert.equal((await get('/admin/functions/echo', { method: 'POST', body: '{}' })).status, 400);
    assert.equal((await get('/admin/functions/none', { method: 'POST', body: '{}' })).status, 404);
  });

  it('does not serve what is disabled', async () => {
    await start();
    assert.equal((await get('/api/switchedOff')).status, 404);
    assert.ok(!engine.options.invoker.functions().some(({ name }) => name === 'switchedOff'));
  });

  it('serves only the functions it is told to, and refuses names the app does not have', async () => {
    await start({ functions: ['echo', 'manual'] });
    assert.deepEqual(
      host
        .functions()
        .map(({ name }) => name)
        .sort(),
      ['echo', 'manual'],
    );
    assert.equal((await get('/api/nothing')).status, 404);
    await assert.rejects(start({ functions: ['absent'] }), /no function named absent/);
  });

  it('checks no key unless told to, and then on all but anonymous functions', async () => {
    await start();
    assert.equal((await get('/api/guarded')).status, 200);
    await host.stop();
    await start({ enableAuth: { key: 'open-sesame' } });
    assert.equal((await get('/api/guarded')).status, 401);
    assert.equal((await get('/api/guarded?code=wrong')).status, 401);
    assert.equal((await get('/api/guarded?code=open-sesame')).status, 200);
    assert.equal((await get('/api/guarded', { headers: { 'x-functions-key': 'open-sesame' } })).status, 200);
    assert.equal((await get('/api/nothing')).status, 204);
    assert.equal((await get('/admin/functions')).status, 401);
    assert.equal((await get('/runtime/webhooks/durabletask/instances/')).status, 401);
  });

  it('hands the Durable API to the engine, on the webhooks and on the RPC port', async () => {
    await start();
    const post = { method: 'POST', body: '{"a":1}' };
    const response = await get('/runtime/webhooks/durabletask/orchestrators/life/id%201?code=x', post);
    assert.equal(response.status, 202);
    assert.deepEqual(await response.json(), { id: 'i1' });
    const [request] = engine.requests;
    assert.equal(request?.path, 'orchestrators/life/id%201');
    assert.equal(request.query.get('code'), 'x');
    assert.equal(Buffer.from(request.body).toString(), '{"a":1}');
    assert.equal(request.origin, host.url);
    await fetch(`${host.rpcUrl}instances/i1?showInput=true`);
    assert.equal(engine.requests[1]?.path, 'instances/i1');
    assert.equal((await fetch(new URL('/elsewhere', host.rpcUrl))).status, 404);
  });

  it('gives the engine its settings and runs functions for it', async () => {
    await start({ settings: { AzureFunctionsJobHost__extensions__durableTask__hubName: 'MyHub' } });
    delete process.env['AzureFunctionsJobHost__extensions__durableTask__hubName'];
    assert.equal(engine.options.hubName, 'MyHub');
    assert.deepEqual(engine.calls, ['start']);
    const request = { trigger: { string: '{"n":1}' }, reason: '(null)' };
    const result = await engine.options.invoker.invoke('manual', request);
    assert.deepEqual(result.outcome === 'succeeded' && result.returnValue, { json: '{"got":{"n":1}}' });
    const missing = await engine.options.invoker.invoke('none', request);
    assert.equal(missing.outcome, 'failed');
    await host.stop();
    assert.deepEqual(engine.calls, ['start', 'stop']);
  });

  it('gives an invocation up after functionTimeout', async () => {
    const lines: string[] = [];
    const name = 'AzureFunctionsJobHost__functionTimeout';
    await start({ settings: { [name]: '00:00:00.050' }, log: (line) => lines.push(line) });
    Reflect.deleteProperty(process.env, name);
    assert.equal((await get('/api/never')).status, 500);
    assert.ok(
      lines.some((line) => line.includes('Timeout value of 50 ms was exceeded by function: Functions.never')),
    );
    assert.equal(host.idle(), true);
  });

  it('is idle only when nothing runs and the engine is idle', async () => {
    await start();
    assert.equal(host.idle(), true);
    engine.busy = true;
    assert.equal(host.idle(), false);
    engine.busy = false;
    const held = get('/api/hold');
    await until(() => !host.idle(), 'the held request');
    const stopped = host.stop();
    await until(
      () => typeof Reflect.get(Object(Reflect.get(globalThis, 'webFixture')), 'release') === 'function',
    );
    Reflect.apply(
      z.function().parse(Reflect.get(Object(Reflect.get(globalThis, 'webFixture')), 'release')),
      undefined,
      [],
    );
    assert.equal(await (await held).text(), 'released', 'a stop waits for requests being served');
    await stopped;
  });

  it('passes Durable calls on to the host that owns the store, and runs nothing of it here', async () => {
    await start();
    const owner = host;
    const ownerEngine = engine;
    ownerEngine.reply = {
      status: 202,
      headers: { location: `${owner.url}/x` },
      body: `{"statusQueryGetUri":"${owner.url}/x"}`,
    };
    await start({ durableRemote: { url: owner.url } });
    assert.ok(!host.functions().some(({ trigger }) => trigger.type === 'activityTrigger'));
    assert.equal(host.rpcUrl, `${owner.url}/runtime/webhooks/durabletask/`);
    const reply = await get('/runtime/webhooks/durabletask/orchestrators/life', {
      method: 'POST',
      body: '{}',
    });
    assert.equal(reply.headers.get('location'), `${host.url}/x`);
    assert.deepEqual(await reply.json(), { statusQueryGetUri: `${host.url}/x` });
    assert.equal(ownerEngine.requests.at(-1)?.path, 'orchestrators/life');
    await owner.stop();
  });

  it('lets browsers in from the origins that the settings name', async () => {
    await start();
    const headers = { origin: 'http://allowed.example', 'access-control-request-method': 'POST' };
    const preflight = await get('/api/echo', { method: 'OPTIONS', headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), 'http://allowed.example');
    const other = await get('/api/echo', { headers: { origin: 'http://other.example' } });
    assert.equal(other.headers.get('access-control-allow-origin'), null);
  });
});
