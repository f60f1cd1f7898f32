import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { rawRequest } from './raw-request.ts';

const main = fileURLToPath(new URL('../../../infra/local/azure/main.ts', import.meta.url));

const readySchema = z.object({
  ready: z.literal(true),
  armUrl: z.string(),
  caFile: z.string(),
  clusters: z.array(
    z.object({
      name: z.string(),
      resourceId: z.string(),
      kubernetesUrl: z.string(),
      kubeconfigFile: z.string(),
    }),
  ),
});

/** The exit code, or null after a signal. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

describe('the simulator as a process', () => {
  let directory: string;
  let running: ChildProcess | undefined;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-azure-process-'));
  });
  after(async () => {
    running?.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  async function start(...more: string[]) {
    const child = spawn(
      process.execPath,
      [main, '--data', directory, '--cluster', 'one', '--cluster', 'two', ...more],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    running = child;
    let text = '';
    for await (const chunk of child.stdout) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    return { child, ready: readySchema.parse(JSON.parse(text.split('\n')[0]!)) };
  }

  const pool = (ready: z.infer<typeof readySchema>, cluster: number) =>
    `${ready.clusters[cluster]!.resourceId}/agentPools/a?api-version=2026-04-01`;
  const body = { properties: { vmSize: 'Standard_NC24ads_A100_v4', count: 1 } };

  it('says where everything is in one line, takes faults from a file and over HTTP, and counts calls', async () => {
    const file = join(directory, 'faults.yaml');
    await writeFile(file, 'outcomes:\n  - match: { pool: a }\n    outcome: { type: stuck }\n');
    const { ready } = await start('--faults', file);
    const target = { url: ready.armUrl, caFile: ready.caFile };
    assert.match((await rawRequest(target, 'GET', '/simulator/faults')).text, /"stuck"/);
    assert.equal((await rawRequest(target, 'PUT', pool(ready, 0), { body })).status, 201);
    const faults = {
      http: [{ match: { operation: 'AgentPools_Get' }, action: { type: 'status', status: 500 } }],
    };
    assert.equal((await rawRequest(target, 'PUT', '/simulator/faults', { body: faults })).status, 200);
    assert.equal((await rawRequest(target, 'GET', pool(ready, 0))).status, 500);
    assert.match(
      (await rawRequest(target, 'PUT', '/simulator/faults', { body: { nonsense: 1 } })).text,
      /nonsense/,
    );
    assert.equal((await rawRequest(target, 'DELETE', '/simulator/faults')).status, 200);
    assert.match(
      (await rawRequest(target, 'GET', '/simulator/counts')).text,
      /"AgentPools_CreateOrUpdate":1/,
    );
    assert.match(
      (await rawRequest(target, 'GET', '/simulator/state')).text,
      /"provisioningState":"Creating"/,
    );
  });

  it('keeps its state through a kill -9', async () => {
    running!.kill('SIGKILL');
    await ended(running!);
    const { ready } = await start();
    const target = { url: ready.armUrl, caFile: ready.caFile };
    assert.match((await rawRequest(target, 'GET', pool(ready, 0))).text, /"provisioningState":"Creating"/);
    assert.equal((await rawRequest(target, 'GET', pool(ready, 1))).status, 404);
  });

  it('writes a kubeconfig that works as it is', async () => {
    const config = new KubeConfig();
    config.loadFromString(await readFile(join(directory, 'kubeconfig-one.yaml'), 'utf8'));
    const nodes = await config.makeApiClient(CoreV1Api).listNode();
    assert.match(nodes.items[0]!.metadata!.name!, /^aks-nodepool1-/);
  });

  it('stops gracefully on SIGTERM', async () => {
    running!.kill('SIGTERM');
    const code = await ended(running!);
    assert.equal(code, 0);
  });
});
