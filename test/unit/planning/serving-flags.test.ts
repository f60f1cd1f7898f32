import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { renderInference } from '../../../shared/manifests/inference.ts';
import { gpuSizes } from '../../../shared/planning/gpu-size-table.ts';
import type { GpuSize } from '../../../shared/planning/gpu-size.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { workspace } from './workspaces.ts';

type Flags = Record<string, string>;
const golden = z
  .array(z.object({ id: z.string(), weights: z.string(), vllmFlags: z.record(z.string(), z.string()) }))
  .parse(JSON.parse(readFileSync(new URL('../../golden/preset-facts.json', import.meta.url), 'utf8')));

/** Models whose KV cache stays on the GPU wherever they run: hybrid caches, and GPT-OSS. */
const cacheOnGpu = /nemotron|gemma-4|qwen3\.[568]|deepseek-v4|deepseek-v3\.2|gpt-oss/;

/** KAITO's rules for the flags that follow from size and node count, said once more. */
function expectedFlags(model: (typeof golden)[number], size: GpuSize, nodes: number): Flags {
  const weights = Number.parseFloat(model.weights);
  const gpus = size.gpuCount;
  const copies = nodes === 1 && gpus > 1 && weights < size.totalMemoryGiB / gpus / 2;
  const spread = copies || nodes > 1 || cacheOnGpu.test(model.id);
  return {
    ...model.vllmFlags,
    model: model.id,
    'served-model-name': model.id.replace(/^.*\//, ''),
    'max-model-len': 'auto',
    'gpu-memory-utilization': size.gpuModel === 'NVIDIA A10' ? '0.82' : '0.84',
    'kv-events-config': `'{"enable_kv_cache_events":true}'`,
    'compilation-config.pass_config.fuse_allreduce_rms': 'False',
    'download-dir': '/workspace/weights',
    'tensor-parallel-size': copies ? '1' : String(gpus),
    ...(copies ? { 'data-parallel-size': String(gpus) } : {}),
    ...(nodes > 1 ? { 'pipeline-parallel-size': String(nodes), 'distributed-executor-backend': 'ray' } : {}),
    ...(spread ? { 'kaito-kv-cache-cpu-memory-utilization': '0' } : {}),
  };
}

/** The shell line of the workload's container, and its replicas. */
function served(preset: string, instanceType: string, annotations = {}) {
  const given = workspace({ preset, instanceType, annotations });
  const planned = planWorkspace(given);
  assert.ok(planned.ok, `${preset} on ${instanceType}`);
  const objects = renderInference(given, planned.plan, { ownerUid: 'u', localNvmeStorageClass: false });
  const set = objects.find((object) => object.kind === 'StatefulSet');
  assert.ok(set && 'spec' in set && set.spec && 'serviceName' in set.spec);
  const line = set.spec.template.spec?.containers[0]?.command?.[2] ?? '';
  return { line, replicas: set.spec.replicas, nodes: planned.plan.nodeCount };
}

function flagsIn(line: string): Flags {
  const [, words = ''] = /inference_api\.py (.*?)(?:; else .*)?$/.exec(line) ?? [];
  const flags = [...words.matchAll(/--([\w.-]+)(?:=('[^']*'|\S+))?/g)];
  return Object.fromEntries(flags.map(([, name = '', value = '']) => [name, value]));
}

describe("vLLM's command line", () => {
  for (const model of golden) {
    it(`has KAITO's flags on every size of its table: ${model.id}`, () => {
      for (const size of gpuSizes.filter(({ inKaito }) => inKaito)) {
        const { line, replicas, nodes } = served(model.id, size.name);
        assert.deepEqual(flagsIn(line), expectedFlags(model, size, nodes), `${model.id} on ${size.name}`);
        assert.equal(replicas, nodes);
        assert.equal(line.startsWith('if [ "${POD_INDEX}" = "0" ]; then'), nodes > 1);
        if (nodes > 1)
          assert.ok(line.includes(` leader --ray_cluster_size=${nodes} --ray_port=6379; python3 `));
      }
    });
  }

  it('has a copy of the model on each GPU only where two would fit on one', () => {
    // gpt-oss-20b: 25.63 GiB; two do not fit on 48 / 2, two fit on 80.
    assert.doesNotMatch(served('gpt-oss-20b', 'Standard_NV72ads_A10_v5').line, /data-parallel/);
    const copies = served('gpt-oss-20b', 'Standard_NC48ads_A100_v4').line;
    assert.match(copies, /--data-parallel-size=2 .*--tensor-parallel-size=1 /);
  });

  it('is told float16 on a V100, and nothing else changes with the GPU', () => {
    const v100 = flagsIn(served('phi-3-mini-4k-instruct', 'Standard_NC6s_v3').line);
    const a100 = flagsIn(served('phi-3-mini-4k-instruct', 'Standard_NC24ads_A100_v4').line);
    assert.deepEqual(v100, { ...a100, dtype: 'float16' });
  });
});

describe("transformers' command line", () => {
  const precision = (preset: string, size: string): string | undefined =>
    /--torch_dtype=(\w+)/.exec(served(preset, size, { 'kaito.sh/runtime': 'transformers' }).line)?.[1];

  it("has KAITO's precision on Ampere and newer, float16 before", () => {
    assert.equal(precision('mistral-7b-instruct', 'Standard_NC24ads_A100_v4'), 'bfloat16');
    assert.equal(precision('phi-4', 'Standard_NC24ads_A100_v4'), 'auto');
    for (const preset of ['mistral-7b-instruct', 'phi-3-mini-4k-instruct'])
      assert.equal(precision(preset, 'Standard_NC4as_T4_v3'), 'float16');
  });
});
