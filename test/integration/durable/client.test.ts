import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import './support/functions-core.ts';
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { DurableHttpRequest } from '../../../infra/local/functions/contract.ts';
import { Rig } from './support/rig.ts';

df.app.activity('shout', { handler: (text: string) => text.toUpperCase() });
df.app.orchestration('conversation', function* (context) {
  const question: unknown = yield context.df.waitForExternalEvent('question');
  const answer: unknown = yield context.df.callActivity('shout', question);
  return answer;
});
df.app.orchestration('echoing', function* (context) {
  yield context.df.callActivity('shout', 'x');
  return { input: context.df.getInput(), version: context.df.version };
});
df.app.orchestration('crashing', function* (context) {
  yield context.df.callActivity('shout', 'x');
  throw new Error('on purpose');
});
df.app.entity('score', (context) => {
  context.df.setState(Number(context.df.getState(() => 0)) + Number(context.df.getInput()));
});

/** Serves the engine under `/durabletask/`, as the Functions host's loopback endpoint does. */
async function listen(rig: Rig): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    void (async (): Promise<void> => {
      const { status, headers, body } = await rig.engine.handle(await engineRequest(request));
      response.writeHead(status, headers).end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

async function engineRequest(request: IncomingMessage): Promise<DurableHttpRequest> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  return {
    method: request.method ?? 'GET',
    path: pathname.replace(/^.*\/durabletask\//, ''),
    query: searchParams,
    headers,
    body: await buffer(request),
    origin: 'http://localhost:7071',
  };
}

/** The client as a function gets it from its `durableClient` binding. */
function clientOf(base: string, rpc: boolean): df.DurableClient {
  const query = 'taskHub=TestHub&connection=Storage&code=K';
  const instance = `${base}/instances/INSTANCEID`;
  const input = df.input.durableClient();
  const context = new InvocationContext({ options: { extraInputs: [input] } });
  context.extraInputs.set(input, {
    taskHubName: 'TestHub',
    creationUrls: {
      createNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?code=K`,
      createAndWaitOnNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=K`,
    },
    managementUrls: {
      id: 'INSTANCEID',
      statusQueryGetUri: `${instance}?${query}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
      rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
      purgeHistoryDeleteUri: `${instance}?${query}`,
      restartPostUri: `${instance}/restart?${query}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
      resumePostUri: `${instance}/resume?reason={text}&${query}`,
    },
    baseUrl: base,
    requiredQueryStringParameters: 'code=K',
    ...(rpc ? { rpcBaseUrl: `${base}/` } : {}),
  });
  return df.getClient(context);
}

for (const rpc of [true, false]) {
  describe(`the unmodified DurableClient over ${rpc ? 'the loopback RPC endpoint' : 'webhook URLs'}`, () => {
    const rig = Rig.started();
    let server: Server | undefined;
    let client: df.DurableClient;
    const hostname = process.env['WEBSITE_HOSTNAME'];
    before(async () => {
      const listening = await listen(rig);
      server = listening.server;
      // Without this setting the client sends everything to port 7071.
      process.env['WEBSITE_HOSTNAME'] = new URL(listening.origin).host;
      client = clientOf(`${listening.origin}/runtime/webhooks/durabletask`, rpc);
    });
    after(async () => {
      if (hostname === undefined) delete process.env['WEBSITE_HOSTNAME'];
      else process.env['WEBSITE_HOSTNAME'] = hostname;
      server?.closeAllConnections();
      server?.close();
      await rig.engine.stop();
    });

    it('starts, raises an event, and reads status and result', async () => {
      const id = await client.startNew('conversation', { instanceId: 'with spaces', input: {} });
      assert.equal(id, 'with spaces');
      await rig.idle();
      assert.equal((await client.getStatus(id)).runtimeStatus, 'Running');
      await client.raiseEvent(id, 'question', 'why');
      await rig.idle();
      const status = await client.getStatus(id, { showHistory: true });
      assert.equal(status.output, 'WHY');
      assert.deepEqual(status.createdTime, new Date('2026-01-01T00:00:00Z'));
    });

    it('passes input and version on, and an empty text when there is no input', async () => {
      const full = await client.startNew('echoing', { input: { a: [1] }, version: '1.2' });
      const empty = await client.startNew('echoing');
      await rig.idle();
      assert.deepEqual((await client.getStatus(full)).output, { input: { a: [1] }, version: '1.2' });
      assert.deepEqual((await client.getStatus(empty)).output, { input: '', version: null });
    });

    it('suspends, resumes, terminates, purges', async () => {
      const id = await client.startNew('conversation', { input: {} });
      await client.suspend(id, 'lunch');
      assert.equal((await client.getStatus(id)).runtimeStatus, 'Suspended');
      await client.resume(id, 'back');
      await client.terminate(id, 'enough');
      assert.equal((await client.getStatus(id)).runtimeStatus, 'Terminated');
      assert.equal((await client.purgeInstanceHistory(id)).instancesDeleted, 1);
      await assert.rejects(client.getStatus(id), /could not find any data/);
      assert.equal((await client.purgeInstanceHistory(id)).instancesDeleted, 0);
      await assert.rejects(client.raiseEvent(id, 'question', 1), /No instance with ID/);
    });

    it('ignores operations on what has ended and refuses a second live start', async () => {
      const id = await client.startNew('crashing', { input: {} });
      await rig.idle();
      assert.equal((await client.getStatus(id)).runtimeStatus, 'Failed');
      await client.terminate(id, 'late');
      await assert.rejects(client.rewind(id, 'again'), /does not support the rewind operation/);
      await client.startNew('conversation', { instanceId: 'only-one', input: {} });
      await assert.rejects(client.startNew('conversation', { instanceId: 'only-one', input: {} }), /409/);
      await client.terminate('only-one', 'done');
    });

    it('queries and purges many', async () => {
      const all = await client.getStatusAll();
      assert.ok(all.some((status) => status.name === 'crashing'));
      const failed = await client.getStatusBy({ runtimeStatus: [df.OrchestrationRuntimeStatus.Failed] });
      assert.deepEqual(
        failed.map((status) => status.name),
        ['crashing'],
      );
      const purged = await client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0) });
      assert.equal(purged.instancesDeleted, all.length);
    });

    it('signals entities and reads their state', async () => {
      const score = new df.EntityId('score', 'home');
      assert.equal((await client.readEntityState(score)).entityExists, false);
      await client.signalEntity(score, 'add', 2);
      await client.signalEntity(score, 'add', 3);
      await rig.idle();
      const { entityExists, entityState } = await client.readEntityState(score);
      assert.deepEqual([entityExists, entityState], [true, 5]);
    });
  });
}
