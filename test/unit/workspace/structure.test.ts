import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readWorkspace, validateCreate } from '../../../shared/workspace/validate.ts';
import { document } from '../planning/workspaces.ts';
import { assertFault, faultsOf } from './faults.ts';

const quickStart = {
  apiVersion: 'kaito.sh/v1alpha1',
  kind: 'Workspace',
  metadata: { name: 'workspace-phi-3-mini' },
  resource: { instanceType: 'Standard_NC6s_v3', labelSelector: { matchLabels: { apps: 'phi-3' } } },
  inference: { preset: { name: 'phi-3-mini-4k-instruct' } },
};

describe('a Workspace document', () => {
  it('of the quick start is accepted, with a warning that names current sizes', () => {
    const result = validateCreate(quickStart);
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(result.warnings.length, 1);
    assert.match(result.warnings[0] ?? '', /retired Standard_NC6s_v3.*Standard_NC4as_T4_v3 \(1 node\)/);
  });

  it('gets its defaults', () => {
    const result = validateCreate(quickStart);
    assert.ok(result.ok);
    assert.equal(result.value.metadata.namespace, 'default');
    assert.equal(result.value.resource.count, 1);
    assert.equal(result.value.inference?.preset?.accessMode, 'public');
  });

  it('of v1alpha1 without instance type gets KAITO’s default one, of v1beta1 none', () => {
    const without = { ...quickStart, resource: { labelSelector: {} } };
    const old = validateCreate(without);
    assert.ok(old.ok);
    assert.equal(old.value.resource.instanceType, 'Standard_NC24ads_A100_v4');
    assertFault(
      validateCreate({ ...without, apiVersion: 'kaito.sh/v1beta1' }),
      'resource.instanceType',
      'Required',
      /required/,
    );
  });

  it('may give null for what it may leave out, as the API server drops it, and for nothing else', () => {
    assert.ok(
      validateCreate({
        ...document(),
        resource: { count: null, instanceType: 'Standard_NC24ads_A100_v4', labelSelector: {} },
      }).ok,
    );
    const nothing = { tuning: null, inference: { preset: { name: 'phi-4' }, adapters: null, config: null } };
    const read = validateCreate({ ...document(), ...nothing });
    assert.ok(read.ok, JSON.stringify(read));
    assert.deepEqual(read, validateCreate(document()));
    const unnamed = { ...document(), inference: { preset: { name: null } } };
    assertFault(validateCreate(unnamed), 'inference.preset.name', 'TypeInvalid', /must be text, not null/);
    assertFault(validateCreate({ ...document(), inference: null }), 'inference', 'Required', /not neither/);
  });

  const wrong: readonly [name: string, change: object, field: string, reason: string, message: RegExp][] = [
    ['another kind', { kind: 'InferenceSet' }, 'kind', 'NotSupported', /"InferenceSet"/],
    ['no kind', { kind: undefined }, 'kind', 'Required', /kind is required/],
    ['another group', { apiVersion: 'apps/v1' }, 'apiVersion', 'NotSupported', /"apps\/v1"/],
    ['another version', { apiVersion: 'kaito.sh/v1' }, 'apiVersion', 'NotSupported', /"kaito.sh\/v1"/],
    ['no apiVersion', { apiVersion: undefined }, 'apiVersion', 'Required', /required/],
    ['no metadata', { metadata: undefined }, 'metadata', 'Required', /object with a name/],
    ['no name', { metadata: {} }, 'metadata.name', 'Required', /required/],
    ['a name in capitals', { metadata: { name: 'Phi' } }, 'metadata.name', 'Invalid', /not a DNS label/],
    [
      'a name of 64 letters',
      { metadata: { name: 'x'.repeat(64) } },
      'metadata.name',
      'Invalid',
      /not a DNS label/,
    ],
    ['a name with a dot', { metadata: { name: 'a.b' } }, 'metadata.name', 'Invalid', /not a DNS label/],
    [
      'a name of a megabyte',
      { metadata: { name: 'x'.repeat(2 ** 20) } },
      'metadata.name',
      'Invalid',
      /x\.\.\." is not a DNS label/,
    ],
    ['a number as name', { metadata: { name: 5 } }, 'metadata.name', 'TypeInvalid', /must be text, not 5/],
    [
      'a bad namespace',
      { metadata: { name: 'a', namespace: 'A/b' } },
      'metadata.namespace',
      'Invalid',
      /not the name of a namespace/,
    ],
    [
      'a boolean annotation',
      { metadata: { name: 'a', annotations: { 'kaito.sh/enablelb': true } } },
      'metadata.annotations[kaito.sh/enablelb]',
      'TypeInvalid',
      /must be text, not true/,
    ],
    [
      'a label that is none',
      { metadata: { name: 'a', labels: { 'a b': 'c' } } },
      'metadata.labels[a b]',
      'Invalid',
      /not a label key/,
    ],
    ['a spec', { spec: {} }, 'spec', 'Invalid', /unknown field "spec"/],
    ['a misspelt section', { inferance: {} }, 'inferance', 'Invalid', /unknown field/],
    [
      'a count in quotes',
      { resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: {}, count: '1' } },
      'resource.count',
      'TypeInvalid',
      /whole number, not "1"/,
    ],
    [
      'half a node',
      { resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: {}, count: 1.5 } },
      'resource.count',
      'TypeInvalid',
      /whole number, not 1.5/,
    ],
    [
      'no selector',
      { resource: { instanceType: 'Standard_NC24ads_A100_v4' } },
      'resource.labelSelector',
      'Required',
      /required/,
    ],
    [
      'a null selector',
      { resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: null } },
      'resource.labelSelector',
      'TypeInvalid',
      /must be an object, not null/,
    ],
    [
      'a misspelt deep field',
      { inference: { preset: { name: 'phi-4', presetOptions: { modelAccesSecret: 'x' } } } },
      'inference.preset.presetOptions.modelAccesSecret',
      'Invalid',
      /unknown field/,
    ],
    [
      'an unknown access mode',
      { inference: { preset: { name: 'phi-4', accessMode: 'publik' } } },
      'inference.preset.accessMode',
      'NotSupported',
      /"publik" is not one of public, private/,
    ],
    ['a preset without name', { inference: { preset: {} } }, 'inference.preset.name', 'Required', /required/],
    ['inference as a list', { inference: [] }, 'inference', 'TypeInvalid', /must be an object, not a list/],
    ['generateName', { metadata: { generateName: 'a-' } }, 'metadata.name', 'Required', /required/],
  ];
  for (const [name, change, ...expected] of wrong) {
    it(`is refused with its field: ${name}`, () => {
      assertFault(validateCreate({ ...document(), ...change }), ...expected);
    });
  }

  it('is told the right word for a misspelt one', () => {
    const misspelt = {
      ...document(),
      resource: { instancetype: 'Standard_NC24ads_A100_v4', labelSelector: { matchLabel: {} } },
    };
    const remedies = faultsOf(validateCreate(misspelt)).map(({ remedy }) => remedy);
    assert.ok(remedies.includes('did you mean instanceType?'));
    assert.ok(remedies.includes('did you mean matchLabels?'));
  });

  it('hears of every fault at once, and of none twice', () => {
    const faults = faultsOf(
      validateCreate({
        apiVersion: 'kaito.sh/v1',
        kind: 'Workspace',
        metadata: { name: 'Bad' },
        resource: { count: 'two', instanceType: 'p4d.24xlarge', labelSelector: {} },
        inference: { preset: { name: 7 }, adapters: [{}] },
      }),
    );
    const fields = faults.map(({ field }) => field).sort();
    assert.deepEqual(fields, [
      'apiVersion',
      'inference.adapters[0].source',
      'inference.preset.name',
      'metadata.name',
      'resource.count',
      'resource.instanceType',
    ]);
  });

  it('with an unknown partition mode hears of the mode alone', () => {
    const partition = { mode: 'mps', profile: 'x' };
    const faults = faultsOf(
      validateCreate(document({ instanceType: '', partition }), {
        provisioning: 'byo',
        gates: { mig: true, accelerator: true },
      }),
    );
    assert.deepEqual(
      faults.map(({ field }) => field),
      ['resource.partition.mode'],
    );
  });

  it('with thousands of faults hears of the first hundred', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, 1]));
    const faults = faultsOf(validateCreate({ ...document(), ...many }));
    assert.equal(faults.length, 101);
    assert.match(faults.at(-1)?.message ?? '', /and 4900 more faults/);
  });

  for (const value of [null, 5, 'text', [], true]) {
    it(`is refused when it is ${JSON.stringify(value)}`, () =>
      assertFault(validateCreate(value), '', 'TypeInvalid', /must be a Workspace object/));
  }

  it('is refused, not thrown at, when it holds what JSON cannot', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const odd of [1n, Symbol('x'), () => 1, circle, NaN, -Infinity, new Map(), new Date(NaN)]) {
      for (const place of ['apiVersion', 'kind', 'resource', 'inference', 'metadata'])
        faultsOf(validateCreate({ ...document(), [place]: odd }));
      const count = { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: {}, count: odd };
      assertFault(
        validateCreate({ ...document(), resource: count }),
        'resource.count',
        'TypeInvalid',
        /whole number/,
      );
      assertFault(
        validateCreate({ ...document(), metadata: { name: 'a', labels: { a: odd } } }),
        'metadata.labels[a]',
        'TypeInvalid',
        /must be text/,
      );
    }
  });

  it('stored in the cluster may have fields of a later KAITO, its status and what the server adds', () => {
    const stored = { ...document(), status: { state: 'Ready' }, later: true };
    const metadata = {
      name: 'a',
      namespace: 'models',
      uid: 'u',
      resourceVersion: '7',
      generation: 2,
      managedFields: [{}],
      finalizers: ['slipway.dev/finalizer'],
      deletionTimestamp: '2026-01-01T00:00:00Z',
    };
    const result = readWorkspace({ ...stored, metadata });
    assert.ok(result.ok, JSON.stringify(result));
    const { managedFields: _dropped, ...kept } = metadata;
    assert.deepEqual(result.value.metadata, { ...kept, labels: {}, annotations: {} });
  });
});
