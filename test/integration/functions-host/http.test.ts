import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import type { FunctionsHost } from '../../../infra/local/functions/host.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';

describe('HTTP functions', () => {
  let host: FunctionsHost;
  const lines: string[] = [];

  before(async () => {
    const appDirectory = await fixtureApp('web');
    host = await startFunctionsHost({
      appDirectory,
      port: 0,
      clock: new SteppedClock(),
      dataDirectory: await dataDirectory(),
      durable: (options) => new EngineDouble(options),
      log: (line) => lines.push(line),
    });
  });
  after(() => host.stop());

  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.url}${path}`, init);
  const made = async (path: string, init?: RequestInit): Promise<string | null> =>
    (await get(path, init)).headers.get('x-made-by');

  it('hands method, URL, query, headers and body to the handler and its answer back', async () => {
    const response = await get('/api/echo?a=1&b=two%20words', {
      method: 'POST',
      headers: { 'x-given': 'value' },
      body: 'grüße',
    });
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      method: 'POST',
      url: `${host.url}/api/echo?a=1&b=two%20words`,
      params: {},
      query: { a: '1', b: 'two words' },
      header: 'value',
      body: 'grüße',
    });
  });

  it('joins repeated query values with a comma, as the real host does', async () => {
    const body: unknown = await (await get('/api/echo?a=1&a=2')).json();
    assert.deepEqual(body, { ...Object(body), query: { a: '1,2' } });
  });

  it('prefers literals over constrained parameters over free ones', async () => {
    assert.equal(await made('/api/items/special'), 'special');
    assert.equal(await made('/api/items/42'), 'item');
    assert.equal(await made('/api/items/forty-two'), 'itemByName');
    assert.equal(await made('/api/ITEMS/42'), 'item');
  });

  it('takes optional, default, catch-all and mixed segments', async () => {
    const params = async (path: string): Promise<unknown> =>
      z.object({ params: z.unknown() }).parse(await (await get(path)).json()).params;
    assert.deepEqual(await params('/api/optional/a/b'), { first: 'a', second: 'b' });
    assert.deepEqual(await params('/api/optional/a'), { first: 'a' });
    assert.deepEqual(await params('/api/defaulted'), { page: 'one' });
    assert.deepEqual(await params('/api/files/a/b%20c/d.txt'), { path: 'a/b c/d.txt' });
    assert.deepEqual(await params('/api/versions/v1.22'), { major: '1', minor: '22' });
    assert.deepEqual(await params('/api/items/a%2Fb'), { name: 'a%2Fb' });
  });

  it('answers 404 for unknown paths, missing parameters and methods nobody takes', async () => {
    assert.equal((await get('/api/none')).status, 404);
    assert.equal((await get('/api/optional')).status, 404);
    assert.equal((await get('/api/echo', { method: 'DELETE' })).status, 404);
    assert.equal((await get('/api/items/%E0%A4%A')).status, 404);
  });

  it('lets a method decide between routes that fit the same path', async () => {
    assert.equal(await made('/api/items/7', { method: 'PUT', body: 'x' }), 'item');
    assert.equal((await get('/api/items/seven', { method: 'PUT', body: 'x' })).status, 404);
  });

  it('answers 204 for a handler that returns nothing and 500 without a body for one that throws', async () => {
    assert.equal((await get('/api/nothing')).status, 204);
    const broken = await get('/api/broken');
    assert.equal(broken.status, 500);
    assert.equal(await broken.text(), '');
    assert.ok(
      lines.some(
        (line) => line.includes("Executed 'Functions.broken' (Failed,") && line.includes('broken on purpose'),
      ),
    );
  });

  it('passes bytes through unchanged', async () => {
    const response = await get('/api/bytes');
    assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [0, 255, 10]);
  });

  it('sets cookies', async () => {
    const response = await get('/api/cookies');
    assert.deepEqual(response.headers.getSetCookie(), [
      'a=1; Max-Age=60; Path=/; HttpOnly; SameSite=Strict',
      'b=two%20words; Secure',
    ]);
  });

  it('lets hooks replace handler, error and result', async () => {
    assert.equal(await (await get('/api/replaced')).text(), 'from the hook');
    assert.equal(await (await get('/api/rescued')).text(), 'rescued from trouble, begun true');
  });

  it('logs what func logs, through the log hooks of the app', async () => {
    const id = await (await get('/api/chatty')).text();
    const reason = 'This function was programmatically called via the host APIs.';
    assert.ok(
      lines.some((line) => line.endsWith(`Executing 'Functions.chatty' (Reason='${reason}', Id=${id})`)),
    );
    assert.ok(
      lines.some((line) =>
        new RegExp(`Executed 'Functions.chatty' \\(Succeeded, Id=${id}, Duration=\\d+ms\\)$`).test(line),
      ),
    );
    assert.ok(lines.includes('[2026-01-01T00:00:00.000Z] the password is ***'));
    assert.ok(!lines.some((line) => line.includes('hunter2')));
  });

  it('prints the table of functions at start', () => {
    const table = lines.find((line) => line.includes('Functions:\n'));
    assert.match(
      table ?? '',
      new RegExp(`\titem: \\[GET,PUT\\] http://localhost:${host.port}/api/items/\\{id:int\\}`),
    );
    assert.match(table ?? '', /\tmanual: activityTrigger/);
  });
});
