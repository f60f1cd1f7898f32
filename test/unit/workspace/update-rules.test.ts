import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import { validateUpdate } from '../../../shared/workspace/validate.ts';
import { document, workspace } from '../planning/workspaces.ts';
import { assertFault } from './faults.ts';

type Draft = NonNullable<Parameters<typeof document>[0]>;
type Case = readonly [
  rule: string,
  old: Draft,
  next: Draft,
  field: string,
  message: RegExp,
  context?: Partial<AdmissionContext>,
];

const preset = { name: 'phi-4' };
const byo: Partial<AdmissionContext> = { provisioning: 'byo', gates: { mig: true, accelerator: true } };
const template = (image: string): Draft => ({
  inference: { preset: undefined, template: { spec: { containers: [{ name: 'c', image }] } } },
});
const adapting = (adapter: object): Draft => ({ inference: { preset, adapters: [adapter] } });
const tune = (rest: object): Draft => ({
  tuning: {
    preset,
    method: 'lora',
    input: { name: 'set', urls: ['https://data.example/x'] },
    output: { image: 'ghcr.io/me/o:1', imagePushSecret: 's' },
    ...rest,
  },
});

const refused: readonly Case[] = [
  ['U2 tuning removed', tune({}), {}, 'tuning', /Tuning field cannot be toggled/],
  ['U1 inference added', tune({}), {}, 'inference', /Inference field cannot be toggled/],
  ['U1 inference removed', {}, tune({}), 'inference', /cannot be toggled/],
  ['U2 tuning added', {}, tune({}), 'tuning', /cannot be toggled/],
  ['U3 count', {}, { count: 2 }, 'resource.count', /immutable/],
  [
    'U4 partition',
    { instanceType: '', partition: { mode: 'accelerator', count: 1 } },
    { instanceType: '', partition: { mode: 'accelerator', count: 2 } },
    'resource.partition',
    /immutable/,
    byo,
  ],
  [
    'U5 instance type where none may be',
    { instanceType: '' },
    {},
    'resource.instanceType',
    /must be empty/,
    byo,
  ],
  [
    'U6 instance type changed where nodes are brought',
    {},
    { instanceType: 'Standard_NC48ads_A100_v4' },
    'resource.instanceType',
    /cannot be changed once set: "Standard_NC24ads_A100_v4", not "Standard_NC48ads_A100_v4"/,
    byo,
  ],
  [
    'U4 partition removed',
    { instanceType: '', partition: { mode: 'accelerator', count: 1 } },
    { instanceType: '' },
    'resource.partition',
    /immutable: \{"mode":"accelerator","count":1\} cannot become nothing/,
    byo,
  ],
  ['U11 preset in other letters', {}, { preset: 'PHI-4' }, 'inference.preset', /immutable/],
  ['U12 template set', {}, template('a'), 'inference.template', /cannot be unset\/set/],
  ['U18 output removed', tune({}), tune({ output: undefined }), 'tuning.output', /required/],
  [
    'U20 input image',
    tune({}),
    tune({ input: { name: 'set', image: 'A b' } }),
    'tuning.input.image',
    /Unable to parse input image reference "A b"/,
  ],
  [
    'S5 data of the metadata service',
    tune({}),
    tune({ input: { name: 'set', urls: ['http://metadata.google.internal/x'] } }),
    'tuning.input.urls[0]',
    /local or metadata endpoint/,
  ],
  [
    'O3 no push secret any more',
    tune({}),
    tune({ output: { image: 'ghcr.io/me/o:1' } }),
    'tuning.output.imagePushSecret',
    /imagePushSecret is required/,
  ],
  ['A1 no source', {}, adapting({}), 'inference.adapters[0].source', /needs a source/],
  [
    'A3 no name',
    {},
    adapting({ source: { image: 'a' } }),
    'inference.adapters[0].source.name',
    /Name of Adapter field must be specified/,
  ],
  [
    'A5 nothing to load',
    {},
    adapting({ source: { name: 'a' } }),
    'inference.adapters[0].source',
    /Either Image or Volume/,
  ],
  [
    'A7 strength no number',
    {},
    adapting({ source: { name: 'a', image: 'a' }, strength: 'x' }),
    'inference.adapters[0].strength',
    /Invalid strength value for Adapter 'a'/,
  ],
  [
    'an impossible ConfigMap',
    {},
    { inference: { preset, config: 'A b' } },
    'inference.config',
    /not the name of a ConfigMap/,
  ],
  ['U7 instance type removed', {}, { instanceType: '' }, 'resource.instanceType', /required/],
  [
    'U8 instance type changed',
    {},
    { instanceType: 'Standard_NC48ads_A100_v4' },
    'resource.instanceType',
    /cannot be changed once set/,
  ],
  [
    'v1alpha1 instance type changed',
    { version: 'v1alpha1' },
    { version: 'v1alpha1', instanceType: 'Standard_NC48ads_A100_v4' },
    'resource.instanceType',
    /immutable/,
  ],
  ['U10 selector', {}, { matchLabels: { apps: 'other' } }, 'resource.labelSelector', /immutable/],
  ['U11 preset', {}, { preset: 'phi-3-mini-4k-instruct' }, 'inference.preset', /immutable/],
  [
    'U11 preset options',
    {},
    { inference: { preset: { ...preset, presetOptions: { modelAccessSecret: 's' } } } },
    'inference.preset',
    /immutable/,
  ],
  ['U12 template removed', template('a'), {}, 'inference.template', /cannot be unset/],
  [
    'U13 adapters of one name',
    {},
    { inference: { preset, adapters: [1, 2].map(() => ({ source: { name: 'a', image: 'x' } })) } },
    'inference.adapters[1].source.name',
    /Duplicate/,
  ],
  [
    'U15 streaming',
    {},
    { annotations: { 'kaito.sh/model-streaming': 'disabled' } },
    'metadata.annotations[kaito.sh/model-streaming]',
    /immutable after creation/,
    { gates: { mig: false, accelerator: false, modelStreaming: true } },
  ],
  [
    'U16 tuning preset',
    tune({}),
    tune({ preset: { name: 'phi-3-mini-4k-instruct' } }),
    'tuning.preset',
    /Preset cannot be changed/,
  ],
  ['U17 method', tune({}), tune({ method: 'qlora' }), 'tuning.method', /Method cannot be changed/],
  ['U18 input removed', tune({}), tune({ input: undefined }), 'tuning.input', /required/],
  [
    'U19 input name',
    tune({}),
    tune({ input: { name: 'b', urls: ['https://data.example/x'] } }),
    'tuning.input.name',
    /cannot be changed/,
  ],
  [
    'U20 output image',
    tune({}),
    tune({ output: { image: 'A b', imagePushSecret: 's' } }),
    'tuning.output.image',
    /Unable to parse/,
  ],
  [
    'another name',
    {},
    { name: 'other', matchLabels: { apps: 'my-model' } },
    'metadata.name',
    /another Workspace/,
  ],
  [
    'a bad annotation',
    {},
    { annotations: { 'kaito.sh/performance-mode': 'x' } },
    'metadata.annotations[kaito.sh/performance-mode]',
    /not a valid performance mode/,
  ],
];

const allowed: readonly [name: string, old: Draft, next: Draft, context?: Partial<AdmissionContext>][] = [
  ['nothing changed', {}, {}],
  ['the size in other letters', {}, { instanceType: 'STANDARD_nc24ads_a100_v4' }],
  ['a config added', {}, { inference: { preset, config: 'params' } }],
  ['an adapter added', {}, { inference: { preset, adapters: [{ source: { name: 'a', image: 'x' } }] } }],
  ['other template content', template('a'), template('b')],
  ['other training data', tune({}), tune({ input: { name: 'set', urls: ['https://data.example/y'] } })],
  ['the method in other letters', tune({}), tune({ method: 'LoRA' })],
  ['an annotation', {}, { annotations: { 'kaito.sh/performance-mode': 'throughput' } }],
  ['model streaming without its gate (U15)', {}, { annotations: { 'kaito.sh/model-streaming': 'disabled' } }],
  ['v1beta1 after v1alpha1', { version: 'v1alpha1' }, { version: 'v1beta1' }],
];

/** What is refused for another reason than being invalid, by the words that tell of it. */
const reasons: readonly [words: RegExp, reason: string][] = [
  [/required|needs a source|must be specified|Either Image/, 'Required'],
  [/Duplicate/, 'Duplicate'],
  [/performance mode/, 'NotSupported'],
];

describe('changing a Workspace', () => {
  for (const [rule, old, next, field, message, context] of refused) {
    const reason = reasons.find(([words]) => words.test(message.source))?.[1] ?? 'Invalid';
    it(`is refused by rule ${rule}`, () => {
      const result = validateUpdate(document(old), document(next), context);
      assertFault(result, field, reason, message);
    });
  }

  for (const [name, old, next, context] of allowed) {
    it(`is allowed: ${name}`, () => {
      const result = validateUpdate(workspace(old, context), document(next), context);
      assert.ok(result.ok, JSON.stringify(result));
    });
  }

  it('may write a selector as matchLabels or as In with one value', () => {
    const resource = {
      instanceType: 'Standard_NC24ads_A100_v4',
      labelSelector: { matchExpressions: [{ key: 'apps', operator: 'In', values: ['my-model'] }] },
    };
    assert.ok(validateUpdate(workspace(), { ...document(), resource }).ok);
  });

  it('never finds equal a recorded selector that is no map (U9)', () => {
    const matchExpressions = [{ key: 'apps', operator: 'NotIn', values: ['my-model'] }];
    const old = {
      ...document(),
      resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: { matchExpressions } },
    };
    assertFault(validateUpdate(old, document()), 'resource.labelSelector', 'Invalid', /immutable/);
  });

  it('takes what is recorded as a Workspace or as its document, and tells when it is neither', () => {
    assert.deepEqual(validateUpdate(document(), document()), validateUpdate(workspace(), document()));
    for (const nothing of [null, undefined, 5, 'x', [], {}, { kind: 'Pod' }])
      assert.ok(!validateUpdate(nothing, document({ count: 2 })).ok);
  });

  it('does not move it to another namespace', () => {
    const moved = { ...document(), metadata: { name: 'my-model', namespace: 'models' } };
    assertFault(validateUpdate(workspace(), moved), 'metadata.namespace', 'Invalid', /another Workspace/);
  });

  it('reads an expression before a label of the same key', () => {
    const select = (apps: string) => ({
      ...document(),
      resource: {
        instanceType: 'Standard_NC24ads_A100_v4',
        labelSelector: {
          matchLabels: { apps },
          matchExpressions: [{ key: 'apps', operator: 'In', values: ['my-model'] }],
        },
      },
    });
    assert.ok(validateUpdate(workspace(), select('other')).ok);
  });

  it('may remove the instance type where nodes are brought (U6)', () => {
    assert.ok(validateUpdate(workspace(), document({ instanceType: '' }), byo).ok);
    assert.ok(!validateUpdate(workspace(), document({ instanceType: 'Standard_NC48ads_A100_v4' }), byo).ok);
  });
});
