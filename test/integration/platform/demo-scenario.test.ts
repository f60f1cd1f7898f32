import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { ServiceBusClient } from '@azure/service-bus';
import { parse } from 'yaml';
import { z } from 'zod';
import { runScenario } from '../../../infra/local/platform/demo/scenario.ts';
import type { Screen } from '../../../infra/local/platform/demo/screen.ts';
import { ownPrograms } from '../../../infra/local/platform/process-arguments.ts';
import type { Platform } from '../../../infra/local/platform/platform.ts';
import { azure, listening } from './doubles.ts';
import type { Answers } from './doubles.ts';
import { standInPlatform, temporaryFolder } from './fixture.ts';

const documentSchema = z.object({ metadata: z.object({ name: z.string() }) });
const phi = 'workspace-phi-3-mini';
const llama = 'workspace-llama-3-1-8b';

/**
 * A double of the app: refuses the first post as a cluster that is being prepared does, then has both workspaces, which
 * turn out as `slipway` says at the third look. A delete of one ends both.
 */
class AppDouble {
  readonly posted: string[] = [];
  readonly #slipway: Record<string, unknown>;
  #looks = 0;
  #prepared = false;
  #deleted = false;

  /** What it put into the queue workspace-rejected. */
  readonly rejected: { reason: string; description: string }[] = [];

  constructor(slipway: Record<string, unknown>) {
    this.#slipway = slipway;
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(body));
    };
    const [, name = '', events] =
      /^\/api\/workspaces\/default\/([^/]+)(\/events)?$/.exec(request.url ?? '') ?? [];
    if (request.url === '/api/rejected') answer(200, { items: this.rejected });
    else if (request.method === 'POST') {
      if (!this.#prepared) {
        this.#prepared = true;
        answer(503, { message: 'the cluster is being prepared' });
        return;
      }
      this.posted.push(documentSchema.parse(parse(await text(request))).metadata.name);
      answer(202, {});
    } else if (request.method === 'DELETE') {
      this.#deleted = true;
      answer(202, {});
    } else if (this.#deleted || (this.rejected.length > 0 && name === phi))
      answer(404, { message: 'not found' });
    else if (events !== undefined) {
      answer(200, { items: [{ time: '2026-01-01T00:00:01Z', what: 'Planned', why: `1 node for ${name}` }] });
    } else answer(200, this.#workspace(name));
  };

  #workspace(name: string): unknown {
    const settled = ++this.#looks > 4;
    const succeeded = settled && this.#slipway['phase'] === 'Ready' ? 'True' : 'False';
    return {
      metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
      resource: { instanceType: 'Standard_NC24ads_A100_v4' },
      status: {
        state: 'Pending',
        conditions: [{ type: 'WorkspaceSucceeded', status: succeeded, reason: 'r', message: 'm' }],
        slipway: settled ? this.#slipway : { phase: 'Provisioning', waitingFor: null },
      },
    };
  }
}

const none = { body: { items: [] } };
const core = '/api/v1/namespaces/default';

/** A cluster in which the model answers and nothing is left. */
const emptyAzure: Answers = {
  [`${core}/secrets`]: { status: 201, body: {} },
  [`${core}/services/${phi}:80/proxy/v1/models`]: { body: { data: [{ id: 'phi-3' }] } },
  [`${core}/services/${phi}:80/proxy/v1/chat/completions`]: {
    body: { choices: [{ message: { content: 'Ships slide down it.' } }] },
  },
  '/clusters/demo/agentPools': { body: { value: [] } },
  '/apis/apps/v1/namespaces/default/statefulsets': none,
  '/apis/apps/v1/namespaces/default/controllerrevisions': none,
  '/apis/batch/v1/namespaces/default/jobs': none,
  [`${core}/services`]: none,
  [`${core}/configmaps`]: none,
  [`${core}/pods`]: none,
  [`${core}/persistentvolumeclaims`]: none,
  '/apis/kaito.sh/v1beta1/namespaces/default/workspaces': none,
};

/** The scenario against the real broker, with doubles of the app and of Azure. */
async function stage(
  test: TestContext,
  slipway: Record<string, unknown>,
  answers: Answers,
): Promise<{ printed: string[]; app: AppDouble; platform: Platform; play: () => Promise<void> }> {
  const stateDirectory = await temporaryFolder(test);
  const platform = await standInPlatform({
    stateDirectory,
    programs: { servicebus: ownPrograms.servicebus },
  });
  const app = new AppDouble(slipway);
  const server = createServer((request, response) => void app.handle(request, response));
  const functionsUrl = `http://127.0.0.1:${await listening(test, server)}`;
  const { armUrl, caFile, clusters } = await azure(test, answers);
  const endpoints = { ...platform.endpoints, functionsUrl, armUrl, caFile, clusters };
  const printed: string[] = [];
  const screen: Screen = {
    print: (line) => void printed.push(line),
    show: (lines) => void printed.push(...lines),
    settle: () => undefined,
  };
  const play = (): Promise<void> => runScenario({ ...platform, clock: platform.clock, endpoints }, screen);
  return { printed, app, platform, play };
}

async function waiting(platform: Platform, queue: string): Promise<string[]> {
  const client = new ServiceBusClient(platform.endpoints.serviceBusConnectionString);
  try {
    const session = await client.acceptNextSession(queue);
    const messages = await session.peekMessages(10);
    return messages.map(({ body }) => documentSchema.parse(parse(String(body))).metadata.name);
  } finally {
    await client.close();
  }
}

describe('the story that the demo plays', { concurrency: true }, () => {
  it('posts by queue and HTTP, shows the trail, asks the model, and deletes by both doors', async (test) => {
    const ready = { phase: 'Ready', waitingFor: null };
    const { printed, app, platform, play } = await stage(test, ready, emptyAzure);
    await play();
    assert.deepEqual(app.posted, [llama], 'posted again after 503');
    assert.deepEqual(await waiting(platform, 'workspace-created'), [phi]);
    assert.deepEqual(await waiting(platform, 'workspace-deleted'), [phi]);
    assert.equal(
      printed.filter((line) => line.endsWith(`Planned: 1 node for ${phi}`)).length,
      1,
      'told once',
    );
    assert.ok(printed.includes('phi-3 answers: Ships slide down it.\n'));
    assert.equal(printed.at(-1), 'No agent pool and no object of the workspaces is left.');
  });

  it('ends with the reason and the remedy of a workspace that failed', async (test) => {
    const failure = { code: 'QuotaExceeded', message: 'needed 24 vCPUs, 0 free', remedy: 'Ask for 24.' };
    const { play } = await stage(test, { phase: 'Failed', waitingFor: null, failure }, emptyAzure);
    await assert.rejects(play(), /failed: QuotaExceeded: needed 24 vCPUs, 0 free\nWhat to do: Ask for 24\./);
  });

  it('says at once why a message was rejected, instead of waiting for its workspace', async (test) => {
    const { app, play } = await stage(test, { phase: 'Provisioning', waitingFor: null }, emptyAzure);
    app.rejected.push({ reason: 'Invalid', description: 'inference.preset.name: unknown' });
    await assert.rejects(
      play(),
      /rejected what was sent to the queue: Invalid: inference\.preset\.name: unknown/,
    );
  });

  it('does not call it done while a pool is left', async (test) => {
    const properties = { mode: 'User', vmSize: 'Standard_NC24ads_A100_v4', provisioningState: 'Succeeded' };
    const answers = {
      ...emptyAzure,
      '/clusters/demo/agentPools': { body: { value: [{ name: 'ws1', properties }] } },
    };
    const { play } = await stage(test, { phase: 'Ready', waitingFor: null }, answers);
    await assert.rejects(play(), /Still there after the deletion: agent pool ws1/);
  });
});
