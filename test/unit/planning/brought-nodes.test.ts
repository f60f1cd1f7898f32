import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gpusFromLabels, migMemoryGiB, migProfiles } from '../../../shared/planning/node-facts.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { plan, refusal, workspace } from './workspaces.ts';

const labels = {
  apps: 'my-model',
  'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB',
  'nvidia.com/gpu.count': '2',
  'nvidia.com/gpu.memory': '81920',
};

function read(changed: Record<string, string>) {
  return gpusFromLabels({ name: 'a', labels: { ...labels, ...changed } });
}

describe("the GPUs of a node of one's own", () => {
  const rounded: readonly (readonly [mebibytes: string, gibibytes: number])[] = [
    ['81920', 80],
    ['81559', 80],
    ['15360', 15],
    ['15871', 15],
    ['15872', 16],
    ['23028', 22],
    ['24576', 24],
  ];
  for (const [mebibytes, gibibytes] of rounded) {
    it(`have ${mebibytes} MiB each: ${gibibytes} GiB, and twice that together`, () => {
      const gpus = read({ 'nvidia.com/gpu.memory': mebibytes });
      assert.equal(gpus.ok && gpus.gpus.totalMemoryGiB, gibibytes * 2);
    });
  }

  it('never have local NVMe disks for weights', () => {
    const gpus = read({});
    assert.equal(gpus.ok && gpus.gpus.nvme, false);
  });

  const capabilities: readonly (readonly [major: string, minor: string, capability: number | undefined])[] = [
    ['8', '6', 8.6],
    ['9', '0', 9],
    ['', '', undefined],
    ['next', '0', undefined],
  ];
  for (const [major, minor, capability] of capabilities) {
    it(`have compute capability ${capability ?? 'unknown'}: labels ${JSON.stringify([major, minor])}`, () => {
      const gpus = read({ 'nvidia.com/cuda.compute.major': major, 'nvidia.com/cuda.compute.minor': minor });
      assert.equal(gpus.ok ? gpus.gpus.computeCapability : NaN, capability);
    });
  }

  it('cannot be told without every label, or from one that is no number', () => {
    for (const key of ['product', 'count', 'memory']) {
      const { [`nvidia.com/gpu.${key}`]: _gone, ...rest } = labels as Record<string, string>;
      assert.deepEqual(gpusFromLabels({ name: 'a', labels: rest }), {
        ok: false,
        message: 'missing required nvidia.com labels',
      });
    }
    for (const key of ['count', 'memory']) {
      const gpus = read({ [`nvidia.com/gpu.${key}`]: 'many' });
      assert.deepEqual(gpus, { ok: false, message: `invalid nvidia.com/gpu.${key} value "many"` });
    }
  });

  it('are those of the first node that is ready and stays', () => {
    const [gone, unready, good] = ['8', '4', '1'].map((count) => ({
      ...labels,
      'nvidia.com/gpu.count': count,
    }));
    assert.ok(gone && unready && good);
    const nodes = [
      { name: 'gone', labels: gone, deleting: true },
      { name: 'unready', labels: unready, ready: false },
      { name: 'good', labels: good },
    ];
    const draft = { instanceType: '', preset: 'phi-4' };
    assert.equal(plan(draft, { provisioning: 'byo', nodes }).gpusPerNode, 1);
    const [fault] = refusal(draft, { provisioning: 'byo', nodes: nodes.slice(0, 2) }).faults;
    assert.match(fault?.message ?? '', /no ready nodes/);
  });

  it('are refused in words when a label says that there are none', () => {
    const nodes = [{ name: 'empty', labels: { ...labels, 'nvidia.com/gpu.count': '0' } }];
    const draft = { instanceType: '', preset: 'phi-4' };
    const context = { provisioning: 'byo' as const, nodes };
    const annotations = { 'kaito.sh/bypass-resource-checks': 'true' };
    const [fault] = refusal({ ...draft, annotations }, context).faults;
    assert.match(fault?.message ?? '', /node empty has no GPUs: its label nvidia.com\/gpu.count is 0/);
  });

  it('may all be asked for, and no more', () => {
    const nodes = [{ name: 'a', labels }];
    const on = (count: number) => ({
      instanceType: '',
      preset: 'phi-4',
      partition: { mode: 'accelerator', count },
    });
    const gates = { mig: true, accelerator: true };
    const whole = planWorkspace(workspace(on(2), { provisioning: 'byo', gates }), {
      provisioning: 'byo',
      nodes,
    });
    assert.equal(whole.ok && whole.plan.gpusPerNode, 2);
    const [fault] = refusal(on(3), { provisioning: 'byo', nodes }).faults;
    assert.match(fault?.message ?? '', /partition.count \(3\) exceeds GPUs available on node a \(2\)/);
  });

  it('get 0.84 of their memory, as no label says "NVIDIA A10" with a blank', () => {
    const a10 = { ...labels, 'nvidia.com/gpu.product': 'NVIDIA-A10', 'nvidia.com/gpu.memory': '23028' };
    const nodes = [{ name: 'a', labels: a10 }];
    const made = plan({ instanceType: '', preset: 'phi-4-mini-instruct' }, { provisioning: 'byo', nodes });
    assert.deepEqual([made.gpuModel, made.estimate?.budgetGiB], ['NVIDIA-A10', 18.48]);
  });

  it('may be MIG slices of whole gibibytes, rounded down', () => {
    assert.equal(migProfiles.length, 35);
    for (const profile of migProfiles) {
      const memory = Number(/(\d+)gb$/.exec(profile)?.[1]);
      assert.equal(migMemoryGiB(profile), memory, profile);
    }
    assert.equal(migMemoryGiB('1g.10.9gb'), 10);
    for (const profile of ['', '0g.10gb', '1g.0gb', '1g.gb', 'g.10gb', '1g.10gb+me', '1G.10GB', '1g.1.2.3gb'])
      assert.equal(migMemoryGiB(profile), undefined, profile);
  });
});
