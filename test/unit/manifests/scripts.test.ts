import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { V1Container, V1Job, V1StatefulSet } from '../../../shared/manifests/kubernetes-models.ts';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { workspace } from '../planning/workspaces.ts';

const run = promisify(execFile);
let root = '';

/** Puts a command of the images (skopeo, curl, ...) on the path, as a shell script. */
async function command(name: string, script: string): Promise<void> {
  const file = join(root, 'bin', name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-scripts-'));
  for (const folder of ['bin', 'home/.docker/config.d/a', 'mnt/results', 'tree/data'])
    await mkdir(join(root, folder), { recursive: true });
  await command('sleep', 'exit 0');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs a container's script with its `/mnt` in the test's folder. Resolves to what it printed; rejects when it fails. */
function runScript({
  command: line = [],
  args = [],
  env = [],
}: V1Container): Promise<{ stdout: string; stderr: string }> {
  const script = (args[0] ?? line.at(-1) ?? '').replaceAll('/mnt', `${root}/mnt`);
  const values = Object.fromEntries(
    env.map(({ name, value = '' }) => [name, value.replaceAll('/mnt', `${root}/mnt`)]),
  );
  return run('/bin/sh', ['-c', script], {
    env: { ...values, HOME: `${root}/home`, ROOT: root, PATH: `${root}/bin:/usr/bin:/bin`, TMPDIR: root },
  });
}

function containers(draft: NonNullable<Parameters<typeof workspace>[0]>): Record<string, V1Container> {
  const valid = workspace(draft);
  const planned = planWorkspace(valid);
  assert.ok(planned.ok);
  const objects = renderWorkload(valid, planned.plan, { ownerUid: 'u', localNvmeStorageClass: false });
  const workload = objects.find((object): object is V1StatefulSet | V1Job =>
    /Set|Job/.test(object.kind ?? ''),
  );
  const pod = workload?.spec?.template.spec;
  return Object.fromEntries(
    [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].map((each) => [each.name, each]),
  );
}

const of = (made: Record<string, V1Container>, name: string): V1Container => {
  const found = made[name];
  assert.ok(found, `${name} in ${Object.keys(made).join()}`);
  return found;
};
const tuning = (rest: object) => ({
  tuning: {
    preset: { name: 'phi-4' },
    method: 'lora',
    input: { urls: ['https://data.example/a/train.parquet?download=true', 'https://data.example/b.json#x'] },
    output: { image: 'me.azurecr.io/adapters/phi:1', imagePushSecret: 'acr' },
    ...rest,
  },
});
const read = (path: string) => readFile(join(root, path), 'utf8');

describe('the pull script', () => {
  const manifest = (digest: string) =>
    JSON.stringify({
      config: { digest: 'sha256:00' },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', size: 1, digest: `sha256:${digest}` },
      ],
    });
  /** A registry that answers only who brings credentials, if asked to. */
  const skopeo = (needsCredentials: boolean) => `
[ "${String(needsCredentials)}" = false ] || [ "$2" = --src-authfile ] || exit 1
for last; do :; done
folder=\${last#dir:}
mkdir -p "$folder"
printf '%s' '${manifest('abc')}' > "$folder/manifest.json"
tar -czf "$folder/abc" -C "$ROOT/tree" data
echo "$@" >> "$ROOT/asked"`;

  const adapter = () =>
    of(
      containers({
        inference: {
          preset: { name: 'phi-4' },
          adapters: [{ source: { name: 'fast', image: 'me/adapter' } }],
        },
      }),
      'puller-fast',
    );

  it("moves an image's /data to the folder of the adapter, again and again", async () => {
    await command('skopeo', skopeo(false));
    await writeFile(join(root, 'tree/data/weights'), 'one');
    await runScript(adapter());
    assert.equal(await read('mnt/adapter/fast/weights'), 'one');
    assert.match(await read('asked'), /^copy docker:\/\/docker\.io\/me\/adapter:latest dir:/);
    await writeFile(join(root, 'tree/data/weights'), 'two');
    await runScript(adapter());
    assert.equal(await read('mnt/adapter/fast/weights'), 'two');
  });

  it('moves training data to /mnt/data/data, which is there already', async () => {
    await command('skopeo', skopeo(false));
    await mkdir(join(root, 'mnt/data'));
    await writeFile(join(root, 'tree/data/set'), 'rows');
    await runScript(of(containers(tuning({ input: { name: 'set', image: 'me/data' } })), 'puller'));
    assert.equal(await read('mnt/data/data/set'), 'rows');
  });

  it('tries every secret after it has tried none', async () => {
    await command('skopeo', skopeo(true));
    await assert.rejects(runScript(adapter()), /cannot pull/);
    await writeFile(join(root, 'home/.docker/config.d/a/ghcr.json'), '{}');
    await runScript(adapter());
    assert.match(await read('asked'), /--src-authfile \S+ghcr\.json/);
  });

  it('fails when the image has no /data', async () => {
    await command('skopeo', skopeo(false).replace('-C "$ROOT/tree" data', '-C "$ROOT" bin'));
    await assert.rejects(runScript(adapter()), /no folder \/data/);
  });
});

describe('the download script', () => {
  const downloader = () => of(containers(tuning({})), 'data-downloader');

  it('names files by the path of their URL, without query and fragment', async () => {
    await mkdir(join(root, 'mnt/data'));
    await command('curl', `while [ "$1" != -o ]; do shift; done; printf '%s' "$3" > "$2"; printf 200`);
    await runScript(downloader());
    assert.equal(await read('mnt/data/train.parquet'), 'https://data.example/a/train.parquet?download=true');
    assert.equal(await read('mnt/data/b.json'), 'https://data.example/b.json#x');
  });

  it('tries three times, and fails for anything but 200 or an empty file', async () => {
    await mkdir(join(root, 'mnt/data'));
    for (const answer of ['printf x > "$2"; printf 404', ': > "$2"; printf 200', 'exit 7']) {
      await writeFile(join(root, 'tries'), '');
      await command('curl', `echo >> "$ROOT/tries"; while [ "$1" != -o ]; do shift; done; ${answer}`);
      await assert.rejects(
        runScript(downloader()),
        /cannot download https:\/\/data\.example\/a\/train\.parquet/,
      );
      assert.equal((await read('tries')).length, 3, answer);
    }
  });
});

describe('the push script', () => {
  const pusher = () => of(containers(tuning({})), 'pusher');
  beforeEach(async () => {
    await command('pkill', 'echo "$@" >> "$ROOT/killed"');
    await command('oras', 'echo "$@" > "$ROOT/pushed"; tar -tzf layer.tar.gz > "$ROOT/packed"');
    for (const file of ['adapter_config.json', 'adapter_model.safetensors'])
      await writeFile(join(root, 'mnt/results', file), file);
  });

  it('waits for the trainer, pushes the adapter under data/, and ends the pod', async () => {
    await command(
      'pgrep',
      `[ -f "$ROOT/seen" ] && touch "$ROOT/mnt/results/fine_tuning_completed.txt"; touch "$ROOT/seen"`,
    );
    await runScript(pusher());
    assert.match(
      await read('pushed'),
      /^push me\.azurecr\.io\/adapters\/phi:1 --annotation sh\.kaito\.model\.name=phi-4 layer\.tar\.gz:application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip/,
    );
    assert.deepEqual((await read('packed')).trim().split('\n').sort(), [
      'data/',
      'data/adapter_config.json',
      'data/adapter_model.safetensors',
    ]);
    assert.equal(await read('killed'), '-SIGTERM pause\n');
  });

  it('gives up when the trainer has ended without its mark', async () => {
    await command('pgrep', `[ ! -f "$ROOT/seen" ] && touch "$ROOT/seen"`);
    await assert.rejects(runScript(pusher()), /the trainer ended without a result/);
    assert.equal(await read('killed'), '-SIGTERM pause\n');
  });
});
