import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { updateBetween, type UpdateContext } from '../../../shared/planning/update.ts';
import { tune } from '../workspace/create-cases.ts';
import { workspace } from './workspaces.ts';

type Draft = NonNullable<Parameters<typeof workspace>[0]>;

const preset = { name: 'llama-3.1-8b-instruct' };
const a10 = { instanceType: 'Standard_NV36ads_A10_v5' };
const configured: Draft = { ...a10, inference: { preset, config: 'params' } };
const longContext: Draft = {
  ...a10,
  inference: { preset: { name: 'phi-3-mini-128k-instruct' }, config: 'params' },
};
const context = (tokens: number) => ({ inferenceConfig: `vllm: {max-model-len: ${tokens}}` });
const template = (image: string): Draft => ({
  inference: { preset: undefined, template: { spec: { containers: [{ name: 'c', image }] } } },
});

interface Case {
  name: string;
  old: Draft;
  next: Draft;
  effect: string;
  fields?: string[];
  nodes?: [number | null, number];
  given?: UpdateContext;
}

const accepted: readonly Case[] = [
  { name: 'the same in the other API version', old: {}, next: { version: 'v1alpha1' }, effect: 'nothing' },
  { name: 'a label', old: {}, next: { labels: { team: 'a' } }, effect: 'nothing' },
  {
    name: 'a load balancer, which only a new Service becomes',
    old: {},
    next: { annotations: { 'kaito.sh/enablelb': 'True' } },
    effect: 'nothing',
    fields: ['metadata.annotations[kaito.sh/enablelb]'],
  },
  {
    name: 'the resource checks bypassed',
    old: {},
    next: { annotations: { 'kaito.sh/bypass-resource-checks': 'false' } },
    effect: 'nothing',
    fields: ['metadata.annotations[kaito.sh/bypass-resource-checks]'],
  },
  {
    name: 'a default written out',
    old: {},
    next: { annotations: { 'kaito.sh/runtime': 'vllm', 'kaito.sh/node-image-family': 'Ubuntu' } },
    effect: 'nothing',
  },
  {
    name: 'an adapter',
    old: {},
    next: { inference: { preset: { name: 'phi-4' }, adapters: [{ source: { name: 'a', image: 'x' } }] } },
    effect: 'rollout',
    fields: ['inference.adapters'],
  },
  {
    name: 'the performance mode',
    old: {},
    next: { annotations: { 'kaito.sh/performance-mode': 'throughput' } },
    effect: 'rollout',
    fields: ['metadata.annotations[kaito.sh/performance-mode]'],
  },
  {
    name: 'the image of a pod template',
    old: template('x:1'),
    next: template('x:2'),
    effect: 'rollout',
    fields: ['inference.template'],
  },
  {
    name: 'training data',
    old: tune({}),
    next: tune({ input: { urls: ['https://data.example/y'] } }),
    effect: 'rollout',
    fields: ['tuning.input'],
  },
  {
    name: 'the text of the ConfigMap, within the same nodes',
    old: configured,
    next: configured,
    effect: 'rollout',
    given: { old: context(2048), next: context(4096) },
  },
  {
    name: 'a context that needs a second node',
    old: configured,
    next: configured,
    effect: 'scale',
    nodes: [1, 2],
    given: { old: context(2048), next: context(32768) },
  },
  {
    name: 'a context that needs one node less',
    old: configured,
    next: configured,
    effect: 'scale',
    nodes: [2, 1],
    given: { old: context(32768), next: context(2048) },
  },
  {
    name: 'the runtime, where transformers serves one replica on each node asked for',
    old: configured,
    next: { ...configured, annotations: { 'kaito.sh/runtime': 'transformers' } },
    effect: 'scale',
    fields: ['metadata.annotations[kaito.sh/runtime]'],
    given: { old: context(32768), next: context(32768) },
    nodes: [2, 1],
  },
  {
    name: 'the image of the nodes',
    old: {},
    next: { annotations: { 'kaito.sh/node-image-family': 'azurelinux' } },
    effect: 'replace',
    fields: ['metadata.annotations[kaito.sh/node-image-family]'],
  },
  {
    name: 'another Workspace whose predecessor cannot be planned any more',
    old: configured,
    next: configured,
    effect: 'rollout',
    nodes: [null, 1],
    given: { old: { inferenceConfig: null }, next: context(2048) },
  },
];

const refused: readonly { name: string; old: Draft; next: Draft; reason: RegExp; given?: UpdateContext }[] = [
  { name: 'another size', old: {}, next: a10, reason: /instanceType cannot be changed once set/ },
  { name: 'another count', old: {}, next: { count: 2 }, reason: /field is immutable/ },
  { name: 'another preset', old: {}, next: { preset: 'phi-4-mini-instruct' }, reason: /field is immutable/ },
  { name: 'tuning instead of serving', old: {}, next: tune({}), reason: /cannot be toggled/ },
  { name: 'another tuning method', old: tune({}), next: tune({ method: 'qlora' }), reason: /Method cannot/ },
  {
    name: 'a context that no GPU of this size holds',
    old: longContext,
    next: longContext,
    reason: /too small/,
    given: { old: context(2048), next: context(131072) },
  },
  {
    name: 'a ConfigMap that is not there',
    old: {},
    next: { inference: { preset: { name: 'phi-4' }, config: 'gone' } },
    reason: /not found in namespace/,
    given: { next: { inferenceConfig: null } },
  },
];

describe('an update', () => {
  for (const { name, old, next, effect, fields = [], nodes, given } of accepted) {
    it(`to ${name} means: ${effect}`, () => {
      const update = updateBetween(workspace(old), workspace(next), given);
      assert.ok(update.effect !== 'refused', JSON.stringify(update));
      assert.deepEqual([update.effect, update.fields], [effect, fields]);
      if (nodes !== undefined) assert.deepEqual([update.nodes.before, update.nodes.after], nodes);
    });
  }

  for (const { name, old, next, reason, given } of refused) {
    it(`to ${name} is refused, and says why`, () => {
      const update = updateBetween(workspace(old), workspace(next), given);
      assert.ok(update.effect === 'refused', JSON.stringify(update));
      assert.match(update.faults.map(({ message }) => message).join(), reason);
      for (const fault of update.faults) assert.ok(fault.field !== '' && fault.message !== '');
    });
  }

  it('looks at brought nodes in admission and planning alike', () => {
    const labels = {
      apps: 'my-model',
      'nvidia.com/gpu.product': 'A100',
      'nvidia.com/gpu.count': '1',
      'nvidia.com/gpu.memory': '81920',
    };
    const admission = { provisioning: 'byo' as const, nodes: [{ name: 'n', labels }] };
    const byo = workspace({ instanceType: '' }, admission);
    assert.deepEqual(updateBetween(byo, byo, { admission }), {
      effect: 'nothing',
      fields: [],
      nodes: { before: 1, after: 1 },
    });
  });
});
