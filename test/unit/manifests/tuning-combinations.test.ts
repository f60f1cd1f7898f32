import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1Job, V1PodSpec } from '../../../shared/manifests/kubernetes-models.ts';
import { renderTuning } from '../../../shared/manifests/tuning.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import type { Workspace } from '../../../shared/workspace/workspace.ts';
import { workspace } from '../planning/workspaces.ts';

const claim = (claimName: string) => ({ volumeSource: { persistentVolumeClaim: { claimName } } });
const inputs = {
  urls: { given: { urls: ['https://data.example/x'] }, init: ['data-downloader'], mounts: ['/mnt/data'] },
  image: {
    given: { name: 'set', image: 'me/data' },
    init: ['puller'],
    mounts: ['/root/.docker/config.d/set-tuning-input', '/mnt/data'],
  },
  'image with secrets': {
    given: { name: 'set', image: 'me/data', imagePullSecrets: ['one', 'two'] },
    init: ['puller'],
    mounts: ['/root/.docker/config.d/set-tuning-input', '/mnt/data'],
  },
  volume: { given: claim('in'), init: [], mounts: ['/mnt/data'] },
};
const outputs = {
  image: {
    given: { image: 'me/out:1', imagePushSecret: 'acr' },
    more: ['pusher', 'pause'],
    secrets: ['acr'],
  },
  volume: { given: claim('out'), more: [], secrets: [] },
};

function podOf(valid: Workspace): V1PodSpec {
  const planned = planWorkspace(valid);
  assert.ok(planned.ok, JSON.stringify(planned));
  const objects = renderTuning(valid, planned.plan, { ownerUid: 'u', localNvmeStorageClass: true });
  const job = objects.find((object): object is V1Job => object.kind === 'Job');
  assert.deepEqual(Object.keys(job?.spec ?? {}), ['template']);
  const pod = job?.spec?.template.spec;
  assert.ok(pod);
  return pod;
}

const tune = (method: string, input: object, output: object) =>
  workspace({ name: 'tune', tuning: { preset: { name: 'phi-4' }, method, input, output } });

describe('a tuning Job', () => {
  for (const method of ['lora', 'qlora']) {
    for (const [from, input] of Object.entries(inputs)) {
      for (const [to, output] of Object.entries(outputs)) {
        it(`by ${method} brings its data from ${from} and its results to ${to}`, () => {
          const pod = podOf(tune(method, input.given, output.given));
          const [trainer] = pod.containers;
          assert.deepEqual(
            pod.initContainers?.map(({ name }) => name),
            ['model-weights-downloader', ...input.init],
          );
          assert.deepEqual(
            pod.containers.map(({ name }) => name),
            ['tune', ...output.more],
          );
          assert.equal(pod.shareProcessNamespace, output.more.length > 0 ? true : undefined);
          assert.deepEqual(pod.imagePullSecrets?.map(({ name }) => name) ?? [], output.secrets);
          assert.deepEqual(
            trainer?.volumeMounts?.map(({ mountPath }) => mountPath),
            ['/dev/shm', '/workspace/weights', '/mnt/config', '/mnt/results', ...input.mounts],
          );
          const config = pod.volumes?.find(({ name }) => name === 'config-volume');
          assert.equal(config?.configMap?.name, `${method}-params-template`);
          const mounted = [...pod.containers, ...(pod.initContainers ?? [])].flatMap(
            ({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name),
          );
          assert.deepEqual(new Set(pod.volumes?.map(({ name }) => name)), new Set(mounted));
        });
      }
    }
  }

  it('mounts every secret of its data as a file of its own, and the volume even without any', () => {
    const sources = (input: object) =>
      podOf(tune('lora', input, outputs.volume.given)).volumes?.find(
        ({ name }) => name === 'docker-config-set-tuning-input',
      )?.projected?.sources;
    assert.deepEqual(sources(inputs.image.given), []);
    assert.deepEqual(
      sources(inputs['image with secrets'].given)?.map(({ secret }) => [secret?.name, secret?.items]),
      ['one', 'two'].map((name) => [name, [{ key: '.dockerconfigjson', path: `${name}.json` }]]),
    );
  });

  it('prefers an image to URLs to a volume, and a volume for its results to an image', () => {
    const valid = tune('lora', inputs.urls.given, outputs.volume.given);
    const given = (input: object, output: object): Workspace => ({
      ...valid,
      tuning: { ...valid.tuning!, input, output },
    });
    const names = (pod: V1PodSpec) => pod.initContainers?.map(({ name }) => name).slice(1);
    const all = { ...inputs.urls.given, ...inputs.volume.given };
    assert.deepEqual(names(podOf(given({ ...all, ...inputs.image.given }, outputs.volume.given))), [
      'puller',
    ]);
    assert.deepEqual(names(podOf(given(all, outputs.volume.given))), ['data-downloader']);
    const both = podOf(given(inputs.urls.given, { ...outputs.image.given, ...outputs.volume.given }));
    assert.equal(both.containers.length, 1);
  });

  it('names the modules of Phi-3 to the trainer, and of no other family', () => {
    const modules = (name: string) => {
      const { input, output } = { input: inputs.urls.given, output: outputs.volume.given };
      const valid = workspace({ tuning: { preset: { name }, method: 'lora', input, output } });
      return podOf(valid).containers[0]?.env?.map((variable) => variable.name);
    };
    assert.deepEqual(modules('phi-3.5-mini-instruct'), ['DEFAULT_TARGET_MODULES', 'PYTORCH_CUDA_ALLOC_CONF']);
    assert.deepEqual(modules('phi-4'), ['PYTORCH_CUDA_ALLOC_CONF']);
    assert.deepEqual(modules('mistral-7b'), ['PYTORCH_CUDA_ALLOC_CONF']);
  });
});
