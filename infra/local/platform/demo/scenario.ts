import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { repository } from '../../../build.ts';
import type { Platform } from '../platform.ts';
import { chat } from './chat.ts';
import { ourObjects, userPools } from './leftovers.ts';
import { LoopbackApi } from './loopback-api.ts';
import type { Screen } from './screen.ts';
import { Refused, SlipwayApi } from './slipway-api.ts';
import { TimedOut, watchWorkspaces } from './watch.ts';
import { failureOf, isReady } from './workspace-view.ts';

const byQueue = { name: 'workspace-phi-3-mini', file: 'examples/workspace-phi-3-mini.yaml' };
const byHttp = { name: 'workspace-llama-3-1-8b', file: 'examples/workspace-llama-3.1-8b.yaml' };
const names = [byQueue.name, byHttp.name];
const question = 'In one sentence, what does a slipway do?';

/** Real seconds; a quiet machine needs less than half. */
const limits = { accepted: 20, ready: 60, gone: 40 };

/** What a new user does in an afternoon: post two workspaces, watch, ask, delete. Throws when anything goes wrong. */
export async function runScenario(platform: Platform, screen: Screen): Promise<void> {
  const { endpoints, clock } = platform;
  const api = new SlipwayApi(endpoints.functionsUrl);
  const told = new Set<string>();
  const watching = { api, clock, screen, names };

  await createAccessToken(platform);
  screen.print(`\nPosting ${byQueue.file} to the queue workspace-created, and ${byHttp.file} by HTTP.\n`);
  await send(platform, 'workspace-created', byQueue.file);
  await postWhenReady(api, byHttp.file);
  await watchWorkspaces(
    {
      ...watching,
      what: 'WORKSPACEREADY of both workspaces',
      withinSeconds: limits.ready,
      done: (workspaces) => {
        const failure = workspaces.map(failureOf).find((each) => each !== undefined);
        if (failure !== undefined) throw new Error(failure);
        return workspaces.length === names.length && workspaces.every(isReady);
      },
    },
    told,
  );
  for (const pool of await userPools(endpoints)) screen.print(`  ${pool}`);

  screen.print(`\nAsking ${byQueue.name}: ${question}`);
  const { model, answer } = await chat(endpoints, byQueue.name, question);
  screen.print(`${model} answers: ${answer}\n`);

  screen.print(`Deleting ${byHttp.name} by HTTP and ${byQueue.name} by queue.\n`);
  await api.delete(byHttp.name);
  await send(platform, 'workspace-deleted', byQueue.file);
  await watchWorkspaces(
    {
      ...watching,
      what: 'the end of both workspaces',
      withinSeconds: limits.gone,
      done: (workspaces) => workspaces.length === 0,
    },
    told,
  );
  const left = [...(await userPools(endpoints)), ...(await ourObjects(endpoints))];
  if (left.length > 0) throw new Error(`Still there after the deletion: ${left.join(', ')}.`);
  screen.print('No agent pool and no object of the workspaces is left.');
}

/** The Llama weights are gated; the simulated model hub takes any token. */
async function createAccessToken({ endpoints }: Platform): Promise<void> {
  for (const { kubernetesUrl } of endpoints.clusters) {
    const { status } = await new LoopbackApi(kubernetesUrl, endpoints.caFile).call(
      'POST',
      '/api/v1/namespaces/default/secrets',
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'hf-token' },
        stringData: { HF_TOKEN: 'hf_demo' },
      },
    );
    if (status !== 201 && status !== 409)
      throw new Error(`Kubernetes answered ${status} to the Secret hf-token.`);
  }
}

/** Until the app has installed the Workspace CRD it answers 503 with Retry-After. */
async function postWhenReady(api: SlipwayApi, file: string): Promise<void> {
  const yaml = readFileSync(join(repository, file), 'utf8');
  const deadline = performance.now() + limits.accepted * 1000;
  for (;;) {
    try {
      await api.create(yaml);
      return;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 503) throw error;
      if (performance.now() > deadline)
        throw new TimedOut(`an answer other than "${error.message}"`, limits.accepted);
      await pause(250);
    }
  }
}

const sendProgram = fileURLToPath(new URL('../send.ts', import.meta.url));

/** By the command that users are shown, so that the demo proves it. */
async function send({ endpoints }: Platform, queue: string, file: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [sendProgram, '--state', endpoints.stateDirectory, '--queue', queue, join(repository, file)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`Sending ${file} to ${queue} failed.`);
}
