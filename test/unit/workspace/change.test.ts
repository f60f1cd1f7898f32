import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planChange } from '../../../shared/planning/plan-change.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import { changeBetween } from '../../../shared/workspace/change.ts';
import { document, plan, workspace } from '../planning/workspaces.ts';
import { tune } from './create-cases.ts';

type Draft = NonNullable<Parameters<typeof document>[0]>;
const preset = { name: 'phi-4' };

describe('an accepted change', () => {
  const cases: readonly [name: string, old: Draft, next: Draft, effect: string, fields: string[]][] = [
    ['of nothing', {}, { version: 'v1alpha1', instanceType: 'standard_nc24ads_a100_v4' }, 'none', []],
    ['of a label', {}, { labels: { team: 'a' } }, 'none', []],
    ['of a foreign annotation', {}, { annotations: { 'example.com/x': 'y' } }, 'none', []],
    [
      'of a Slipway option',
      {},
      { annotations: { 'slipway.dev/retry': '1' } },
      'none',
      ['metadata.annotations[slipway.dev/retry]'],
    ],
    ['of the config', {}, { inference: { preset, config: 'c' } }, 'rollout', ['inference.config']],
    [
      'of adapters',
      {},
      { inference: { preset, adapters: [{ source: { name: 'a', image: 'x' } }] } },
      'rollout',
      ['inference.adapters'],
    ],
    [
      'of the runtime',
      {},
      { annotations: { 'kaito.sh/runtime': 'transformers' } },
      'rollout',
      ['metadata.annotations[kaito.sh/runtime]'],
    ],
    [
      'of the node image',
      {},
      { annotations: { 'kaito.sh/node-image-family': 'azurelinux' } },
      'replace',
      ['metadata.annotations[kaito.sh/node-image-family]'],
    ],
    [
      'of training data',
      tune({}),
      tune({ input: { urls: ['https://data.example/y'] } }),
      'rerun',
      ['tuning.input'],
    ],
  ];
  it('of a selector asks for other nodes only where the labels of nodes change', () => {
    const selecting = (labelSelector: object, preferredNodes?: string[]) => {
      const resource = { instanceType: 'Standard_NC24ads_A100_v4', labelSelector, preferredNodes };
      const read = validateCreate({
        ...document(),
        resource: JSON.parse(JSON.stringify(resource)) as object,
      });
      assert.ok(read.ok, JSON.stringify(read));
      return read.value;
    };
    const labelled = selecting({ matchLabels: { a: 'b' } });
    const expressed = { key: 'a', operator: 'In', values: ['b'] };
    const fields = ['resource.labelSelector'];
    assert.deepEqual(
      changeBetween(labelled, selecting({ matchLabels: { a: 'b' }, matchExpressions: [expressed] })),
      { effect: 'none', fields },
    );
    assert.deepEqual(changeBetween(labelled, selecting({ matchExpressions: [expressed] })), {
      effect: 'replace',
      fields,
    });
    assert.deepEqual(changeBetween(labelled, selecting({ matchLabels: { a: 'b' } }, ['node-1'])), {
      effect: 'none',
      fields: ['resource.preferredNodes'],
    });
  });

  for (const [name, old, next, effect, fields] of cases) {
    it(`${name} asks for: ${effect}`, () =>
      assert.deepEqual(changeBetween(workspace(old), workspace(next)), { effect, fields }));
  }

  it('keeps nodes that serve the new plan, scales their number, or replaces them', () => {
    const base = plan();
    assert.equal(
      planChange(
        base,
        plan({ inference: { preset, config: 'c' } }, { inferenceConfig: 'vllm: {max-model-len: 4096}' }),
      ),
      'keep',
    );
    assert.equal(planChange(base, { ...base, nodeCount: 2 }), 'scale');
    assert.equal(planChange(base, plan({ instanceType: 'Standard_NC48ads_A100_v4' })), 'replace');
    assert.equal(planChange(base, { ...base, diskGiB: base.diskGiB + 1 }), 'replace');
    assert.equal(planChange({ ...base, diskGiB: 1024 }, base), 'keep');
  });
});
