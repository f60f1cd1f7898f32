import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { createKubernetesApi, type KubernetesApi } from '../../../infra/local/kubernetes/server.ts';
import { car, carDefinition, configMap, resource } from './support/manifests.ts';

describe('durability of the simulated cluster', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-kubernetes-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const open = (name: string): KubernetesApi =>
    createKubernetesApi({ clock: new SteppedClock(), file: join(folder, name), clusterName: 'durable' });

  it('a killed server keeps all it answered for, and its versions never go back', async () => {
    let newest = 0;
    for (let round = 0; round < 3; round++) {
      const told = await writeUntilKilled(join(folder, 'killed.sqlite'), { round, lines: 25 + round * 20 });
      const api = open('killed.sqlite');
      for (const line of told) {
        const [name = '', version = ''] = line.split(' ');
        const object = api.store.get(resource.configMaps, { namespace: 'default', name });
        assert.equal(object?.metadata.resourceVersion, version, line);
        assert.ok(Number(version) > newest, `${version} is not above ${newest}`);
        newest = Number(version);
      }
      const next = api.store.create(configMap(`check-${round}`)).metadata.resourceVersion;
      assert.ok(Number(next) > newest);
      newest = Number(next);
      api.close();
    }
  });

  it('custom resources, the cluster identity and unfinished deletions survive a restart', () => {
    const first = open('restart.sqlite');
    const identity = first.store.get(resource.namespaces, { name: 'kube-system' })?.metadata.uid;
    first.store.create(structuredClone(carDefinition));
    const owner = first.store.create(car('owner'));
    const { apiVersion, kind, metadata } = owner;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    first.store.create(configMap('child', { ownerReferences }));
    first.store.remove(resource.cars, { namespace: 'default', name: 'owner' });
    // Closed before the collector ran, as a kill would have it.
    first.close();

    const clock = new SteppedClock();
    const second = createKubernetesApi({
      clock,
      file: join(folder, 'restart.sqlite'),
      clusterName: 'durable',
    });
    assert.equal(second.store.get(resource.namespaces, { name: 'kube-system' })?.metadata.uid, identity);
    assert.deepEqual(second.store.list(resource.cars), []);
    clock.advanceTo(clock.now() + 1);
    assert.equal(second.store.get(resource.configMaps, { namespace: 'default', name: 'child' }), undefined);
    second.close();
  });
});

/** Runs the writer, kills it with SIGKILL once it has told `lines` lines, and returns all it told. */
function writeUntilKilled(
  file: string,
  { round, lines }: { round: number; lines: number },
): Promise<string[]> {
  const script = join(import.meta.dirname, 'support', 'durable-writer.ts');
  const child = spawn(process.execPath, [script, file, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(text.split('\n').slice(0, -1));
      else reject(new Error(`the writer ended by itself with code ${code ?? 'none'}`));
    });
  });
}
