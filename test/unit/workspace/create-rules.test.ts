import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import { document } from '../planning/workspaces.ts';
import {
  adapter,
  adapters,
  byo,
  gpuNode,
  nodes,
  onBrought,
  partition,
  preset,
  resourceCases,
  tune,
  type Draft,
} from './create-cases.ts';
import { workloadCases } from './create-workload-cases.ts';
import { assertFault } from './faults.ts';

describe('creating a Workspace is refused', () => {
  for (const [rule, draft, field, reason, message, context] of [...resourceCases, ...workloadCases]) {
    it(`by rule ${rule}`, () =>
      assertFault(validateCreate(document(draft), context), field, reason, message));
  }

  it('by rule C1 without inference and tuning, and C2 with both', () => {
    const { inference, ...neither } = document();
    assertFault(validateCreate(neither), 'inference', 'Required', /not neither/);
    assertFault(validateCreate({ ...document(tune({})), inference }), 'tuning', 'Forbidden', /but not both/);
  });

  for (const expression of [
    { key: 'a', operator: 'NotIn', values: ['b'] },
    { key: 'a', operator: 'In', values: ['b', 'c'] },
    { key: 'a', operator: 'Exists' },
  ]) {
    it(`by rule R1 for a selector ${JSON.stringify(expression)}`, () => {
      const resource = {
        instanceType: 'Standard_NC24ads_A100_v4',
        labelSelector: { matchExpressions: [expression] },
      };
      assertFault(
        validateCreate({ ...document(), resource }),
        'resource.labelSelector.matchExpressions[0]',
        'Invalid',
        /Only allow matchLabels or 'IN' matchExpression/,
      );
    });
  }
});

describe('the advice to a Workspace that cannot be tuned', () => {
  it('names presets that are accepted', () => {
    const result = validateCreate(document(tune({ preset: { name: 'gpt-oss-20b' } })));
    assert.ok(!result.ok);
    const names = result.faults[0]?.remedy?.replace('tunable presets: ', '').split(', ') ?? [];
    assert.equal(names.length, 10);
    for (const name of names) assert.ok(validateCreate(document(tune({ preset: { name } }))).ok, name);
  });
});

describe('creating a Workspace is allowed', () => {
  const allowed: readonly [name: string, draft: Draft, context?: Partial<AdmissionContext>][] = [
    ['any Hugging Face model: its facts are read when planning', { preset: 'Someone/Some-Model' }],
    ['a preset name in any case', { preset: 'PHI-4' }],
    ['an Azure size that no table knows', { instanceType: 'Standard_ND999_v9' }],
    ['a size in any case', { instanceType: 'standard_nc24ads_a100_V4' }],
    ['a model beyond one node with vLLM: the estimator sizes it', { preset: 'llama-3.3-70b-instruct' }],
    [
      'too little memory when resource checks are bypassed, whatever the value',
      {
        version: 'v1alpha1',
        preset: 'llama-3.3-70b-instruct',
        annotations: { 'kaito.sh/bypass-resource-checks': 'false' },
      },
    ],
    [
      'accessMode private in v1beta1, which ignores it',
      { inference: { preset: { ...preset, accessMode: 'private' } } },
    ],
    [
      'adapter strength on transformers',
      { annotations: { 'kaito.sh/runtime': 'transformers' }, ...adapters(adapter('a', { strength: '0.5' })) },
    ],
    ['adapter strength 1 on vLLM, which asks for nothing', adapters(adapter('a', { strength: '1.0' }))],
    [
      'a model beyond one node with transformers in v1alpha1, which lacks R18',
      {
        version: 'v1alpha1',
        instanceType: 'Standard_NV36ads_A10_v5',
        count: 2,
        annotations: { 'kaito.sh/runtime': 'transformers' },
      },
    ],
    ['a matching brought node', onBrought(), nodes(gpuNode('a', '1', '81559'))],
    ['an accelerator partition', partition({ mode: 'accelerator', count: 2 }), byo],
    ['a MIG slice that holds the model', partition({ mode: 'mig', profile: '7g.80gb' }), byo],
    ['tuning', tune({})],
    ['tuning with the method in capitals', tune({ method: 'QLORA' })],
  ];
  for (const [name, draft, context] of allowed) {
    it(`with ${name}`, () => {
      const result = validateCreate(document(draft), context);
      assert.ok(result.ok, JSON.stringify(result));
    });
  }

  it('with a remark on annotation values that mean something else than they seem to', () => {
    const annotations = {
      'kaito.sh/enablelb': 'true',
      'kaito.sh/runtime': 'tgi',
      'kaito.sh/performance-mod': 'throughput',
      'kaito.sh/disable-benchmark': 'yes',
    };
    const result = validateCreate(document({ annotations }));
    assert.ok(result.ok);
    assert.equal(result.warnings.length, 4, result.warnings.join('\n'));
  });

  it('without a remark on annotations that are KAITO’s, or nobody’s', () => {
    const annotations = {
      'kaito.sh/upgrade-start-time': '2026-01-01T00:00:00Z',
      'kaito.sh/streaming-service-account': 'reader',
      'kaito.sh/team': 'a',
      'example.com/runtim': 'vllm',
    };
    const result = validateCreate(document({ annotations }));
    assert.ok(result.ok);
    assert.deepEqual(result.warnings, []);
  });

  it('with a remark on node labels that AKS keeps for itself', () => {
    const result = validateCreate(
      document({ matchLabels: { 'kubernetes.azure.com/mode': 'user', apps: 'a' } }),
    );
    assert.ok(result.ok);
    assert.match(
      result.warnings.join(),
      /AKS may refuse new nodes with the label kubernetes.azure.com\/mode/,
    );
  });
});
