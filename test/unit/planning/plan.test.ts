import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gpuSizes } from '../../../shared/planning/gpu-size-table.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { resolvePreset, presetNames } from '../../../shared/planning/resolve-preset.ts';
import { plan, refusal, workspace } from './workspaces.ts';

describe('the plan', () => {
  it('of the quick start is one V100 in float16, with current sizes named', () => {
    const made = plan({
      version: 'v1alpha1',
      preset: 'phi-3-mini-4k-instruct',
      instanceType: 'Standard_NC6s_v3',
    });
    assert.deepEqual(
      [made.nodeCount, made.dtype, made.model?.flags['dtype'], made.diskGiB],
      [1, 'float16', 'float16', 87],
    );
    assert.match(
      made.warnings.join('\n'),
      /retired Standard_NC6s_v3; current sizes that fit: Standard_NC4as_T4_v3/,
    );
    assert.match(made.warnings.join('\n'), /float16/);
  });

  it('of llama-3.3-70b on single A100 nodes is three nodes in a pipeline', () => {
    const made = plan({ preset: 'llama-3.3-70b-instruct' });
    assert.deepEqual(
      [made.nodeCount, made.gpusPerNode, made.tensorParallel, made.pipelineParallel, made.dataParallel],
      [3, 1, 1, 3, 1],
    );
  });

  it('spells the instance type as Azure does', () => {
    assert.equal(plan({ instanceType: 'standard_nc24ads_a100_v4' }).instanceType, 'Standard_NC24ads_A100_v4');
    for (const name of ['Standard_ND96asr_A100_v4', 'standard_nd96asr_V4'])
      assert.equal(plan({ instanceType: name }).instanceType, 'Standard_ND96asr_v4');
  });

  it('is small enough for durable history, whatever the preset and the size', () => {
    for (const preset of presetNames()) {
      for (const size of gpuSizes) {
        const result = planWorkspace(workspace({ preset, instanceType: size.name }));
        if (result.ok) assert.ok(JSON.stringify(result.plan).length < 4096, `${preset} on ${size.name}`);
      }
    }
  });

  it('refuses an instance type nobody knows, and names three that fit', () => {
    const { faults } = refusal({ instanceType: 'Standard_NC999_v9' });
    assert.equal(faults[0]?.field, 'resource.instanceType');
    assert.match(faults[0].message, /Unsupported SKU "Standard_NC999_v9"/);
    assert.match(faults[0].remedy ?? '', /cheapest that fit: (Standard_\w+ \(\d nodes?\)(, )?){3}$/);
    const general = refusal({ instanceType: 'Standard_NC4s_v3' }).faults[0]?.remedy ?? '';
    assert.doesNotMatch(general, /NC6s_v3|NC24rs_v3/, 'a retired size is no advice');
  });

  it('says which facts it needs of a model outside the catalogue, and uses them', () => {
    const draft = { preset: 'Some/Model' };
    assert.equal(refusal(draft).needs, 'Some/Model');
    const like = resolvePreset('phi-4');
    assert.ok(like.kind === 'known');
    const made = plan(draft, {
      model: { ...like.facts, id: 'some/model', shortName: 'model' },
      modelRevision: 'abc',
    });
    assert.deepEqual(
      [made.preset, made.model?.id, made.model?.revision, made.nodeCount],
      ['model', 'some/model', 'abc', 1],
    );
  });

  it('copies a model to each GPU only when it takes less than half of one, by its plain weights', () => {
    const like = resolvePreset('phi-4');
    assert.ok(like.kind === 'known');
    const spread = (gibibytes: number, instanceType: string) => {
      const model = { ...like.facts, id: 'some/model', weightBytes: gibibytes * 2 ** 30 };
      const made = plan({ preset: 'some/model', instanceType }, { model });
      return [made.nodeCount, made.dataParallel, made.tensorParallel, made.pipelineParallel];
    };
    assert.deepEqual(spread(39.99, 'Standard_NC96ads_A100_v4'), [1, 4, 1, 1]);
    assert.deepEqual(spread(40, 'Standard_NC96ads_A100_v4'), [1, 1, 4, 1]);
    assert.deepEqual(spread(10, 'Standard_NC24ads_A100_v4'), [1, 1, 1, 1], 'one GPU has no copies');
    assert.deepEqual(spread(300, 'Standard_NC96ads_A100_v4'), [2, 1, 4, 2]);
  });

  it('takes the GPUs of brought nodes from their labels', () => {
    const labels = {
      apps: 'my-model',
      'nvidia.com/gpu.product': 'A100',
      'nvidia.com/gpu.count': '4',
      'nvidia.com/gpu.memory': '40960',
    };
    const nodes = [
      { name: 'a', labels: { ...labels, 'nvidia.com/gpu.count': '2' }, ready: false },
      { name: 'b', labels },
    ];
    const brought = { instanceType: '', preset: 'phi-4' };
    const made = plan(brought, { provisioning: 'byo', nodes });
    assert.deepEqual(
      [made.gpusPerNode, made.gpuModel, made.instanceType, made.broughtNodes],
      [4, 'A100', '', true],
    );
    assert.match(
      refusal(brought, { provisioning: 'byo', nodes: [] }).faults[0]?.message ?? '',
      /no ready nodes/,
    );
  });

  it('keeps a model on one MIG slice of a brought node, by the labels of its slicing', () => {
    const sliced = (memory: string, state: string) => ({
      name: 'a',
      labels: {
        apps: 'my-model',
        'nvidia.com/gpu.product': 'NVIDIA-A100',
        'nvidia.com/gpu.count': '1',
        'nvidia.com/gpu.memory': memory,
        'nvidia.com/mig.config': 'all-1g.10gb',
        'nvidia.com/mig.config.state': state,
      },
    });
    const onNode = (memory: string, state: string) => ({
      provisioning: 'byo' as const,
      nodes: [sliced(memory, state)],
    });
    const brought = { instanceType: '', preset: 'phi-4' };
    const offload = 'kaito-kv-cache-cpu-memory-utilization';
    assert.equal(plan(brought, onNode('81920', 'success')).model?.flags[offload], '0');
    assert.equal(plan(brought, onNode('81920', 'failed')).model?.flags[offload], undefined);
    assert.match(refusal(brought, onNode('24576', 'success')).faults[0]?.message ?? '', /only provides 24Gi/);
    assert.equal(plan(brought, onNode('24576', 'failed')).nodeCount, 2);
  });

  it('takes as many GPUs of a brought node as the partition says, and not more than there are', () => {
    const labels = {
      apps: 'my-model',
      'nvidia.com/gpu.product': 'A100',
      'nvidia.com/gpu.count': '4',
      'nvidia.com/gpu.memory': '40960',
    };
    const context = { provisioning: 'byo' as const, nodes: [{ name: 'a', labels }] };
    const on = (count: number) =>
      planWorkspace(
        workspace(
          { instanceType: '', partition: { mode: 'accelerator', count } },
          { provisioning: 'byo', gates: { mig: true, accelerator: true } },
        ),
        context,
      );
    const two = on(2);
    assert.ok(two.ok);
    assert.deepEqual([two.plan.gpusPerNode, two.plan.nodeCount, two.plan.estimate?.gpuMemoryGiB], [2, 1, 40]);
    const five = on(5);
    assert.ok(!five.ok);
    assert.match(
      five.faults[0]?.message ?? '',
      /partition.count \(5\) exceeds GPUs available on node a \(4\)/,
    );
  });

  it('refuses a MIG slice that one model would need twice', () => {
    const draft = {
      instanceType: '',
      preset: 'phi-4',
      partition: { mode: 'mig', profile: '4g.40gb' },
      inference: { config: 'c' },
    };
    assert.match(
      refusal(draft, { provisioning: 'byo', inferenceConfig: 'vllm: {max-model-len: 16384}' }).faults[0]
        ?.message ?? '',
      /MIG profile 4g.40gb only provides 40Gi/,
    );
  });

  it('gives transformers as many replicas as resource.count says', () => {
    const made = plan({ count: 3, annotations: { 'kaito.sh/runtime': 'transformers' } });
    assert.deepEqual(
      [made.runtime, made.nodeCount, made.benchmark, made.estimate],
      ['transformers', 3, false, null],
    );
  });

  it('gives a custom template its count and a roomy disk', () => {
    const made = plan({
      count: 2,
      inference: { preset: undefined, template: { spec: { containers: [{ name: 'c' }] } } },
    });
    assert.deepEqual([made.workload, made.nodeCount, made.diskGiB, made.model], ['template', 2, 1024, null]);
  });
});
