import fc from 'fast-check';
import { stringify } from 'yaml';

const names = [
  'phi-4',
  'phi-3-mini-4k-instruct',
  'llama-3.3-70b-instruct',
  'microsoft/phi-4',
  'some/model',
  'phi-2',
  '',
  'a/b/c',
  '__proto__',
];
const sizes = ['Standard_NC24ads_A100_v4', 'Standard_NC6s_v3', 'standard_nv36ads_a10_v5', 'p4d.24xlarge', ''];
const oneOf = (values: readonly unknown[]) => fc.constantFrom(...values);

/** A value where another was expected. */
const wrong: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  oneOf([
    null,
    NaN,
    Infinity,
    -0,

    '',
    '1',
    true,
    [],
    {},
    'x'.repeat(300),
    '\u0000',
    '🙂',
    '..',
    '{{',
    '$(id)',
  ]),
);

const source = fc.record(
  {
    name: oneOf(['a', 'b', 'A_b', '', 'x'.repeat(254)]),
    image: oneOf(['ghcr.io/me/a:1', 'A', '', ':']),
    urls: oneOf([[], ['https://x.example/a'], ['http://[::1'], ['http://10.0.0.1'], ['::'], ['http://%']]),
    volumeSource: oneOf([{}, { emptyDir: {} }, { pvc: {} }, { nfs: { server: 1 }, emptyDir: null }]),
    imagePullSecrets: oneOf([[], ['s']]),
  },
  { requiredKeys: [] },
);

const preset = fc.record(
  {
    name: oneOf(names),
    accessMode: oneOf(['public', 'private']),
    presetOptions: fc.constant({ image: 'x' }),
  },
  { requiredKeys: ['name'] },
);

/** Workspaces that are valid, nearly valid, or wrong in one place or several. */
export const documents: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    apiVersion: oneOf(['kaito.sh/v1beta1', 'kaito.sh/v1alpha1', 'kaito.sh/v1']),
    kind: oneOf(['Workspace', 'Workspace', 'Workspace', 'Pod']),
    metadata: fc.record(
      {
        name: oneOf(['a', 'my-model', 'x'.repeat(63), 'x'.repeat(64), '1', 'A']),
        annotations: fc.dictionary(
          oneOf([
            'kaito.sh/runtime',
            'kaito.sh/performance-mode',
            'kaito.sh/model-streaming',
            'slipway.dev/retry',
            'slipway.dev/zones',
            'x y',
          ]).map(String),
          oneOf(['transformers', 'balanced', '1,2', '']).map(String),
        ),
      },
      { requiredKeys: ['name'] },
    ),
    resource: fc.record(
      {
        count: oneOf([1, 2, 0, -1, 1.5]),
        instanceType: oneOf(sizes),
        labelSelector: oneOf([
          {},
          { matchLabels: { apps: 'a' } },
          { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
        ]),
        partition: oneOf([
          { mode: 'mig', profile: '1g.5gb' },
          { mode: 'accelerator', count: 1 },
        ]),
      },
      { requiredKeys: ['labelSelector'] },
    ),
    inference: fc.record(
      {
        preset,
        config: oneOf(['', 'params', 'A b']),
        template: oneOf([
          { spec: { containers: [{ name: 'a', image: 'b', env: [{ name: 'c', value: 'd' }] }] } },
          { spec: { containers: [], volumes: [{ name: 'v', emptyDir: {} }] } },
        ]),
        adapters: fc.array(
          fc.record({ source, strength: oneOf(['1', '0.5', 'x', '1e999']) }, { requiredKeys: [] }),
          { maxLength: 3 },
        ),
      },
      { requiredKeys: [] },
    ),
    tuning: fc.record(
      {
        preset,
        method: oneOf(['lora', 'qlora', 'x']),
        config: oneOf(['', 'params']),
        input: source,
        output: source,
      },
      { requiredKeys: ['input', 'output'] },
    ),
  },
  { requiredKeys: ['apiVersion', 'kind', 'metadata'] },
);

/** Workspaces that are valid; only the estimator may still refuse them. */
const valid: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    version: oneOf(['v1alpha1', 'v1beta1']),
    preset: oneOf([
      'phi-4',
      'phi-3-mini-4k-instruct',
      'gpt-oss-20b',
      'Microsoft/Phi-4-mini-instruct',
      'llama-3.1-8b-instruct',
    ]),
    instanceType: oneOf(['Standard_NC24ads_A100_v4', 'Standard_NC96ads_A100_v4', 'standard_nd96isr_h100_v5']),
    annotations: oneOf([{}, { 'kaito.sh/enablelb': 'True' }, { 'kaito.sh/disable-benchmark': 'true' }]),
    adapters: oneOf([
      [],
      [{ source: { name: 'a', image: 'me/a' } }],
      [{ source: { name: 'b', volumeSource: { emptyDir: {} } } }],
    ]),
  })
  .map(({ version, preset: name, instanceType, annotations, adapters }) => ({
    apiVersion: `kaito.sh/${String(version)}`,
    kind: 'Workspace',
    metadata: { name: 'my-model', annotations },
    resource: { instanceType, labelSelector: { matchLabels: { apps: 'my-model' } } },
    inference: { preset: { name }, adapters },
  }));

/** A path into a document and a wrong value for it. */
const spoiling = fc.record({
  steps: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 }),
  value: wrong,
});

/** Replaces the value that the steps lead to. */
function spoil(root: unknown, steps: readonly number[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof root !== 'object' || root === null) return value;
  const keys = Object.keys(root);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return value;
  if (Array.isArray(root))
    return root.map((item: unknown, index) => (String(index) === key ? spoil(item, rest, value) : item));
  const entries = Object.entries(root).map(([name, item]): [string, unknown] => [
    name,
    name === key ? spoil(item, rest, value) : item,
  ]);
  return Object.fromEntries(entries);
}

/** Often none, so that much of what is sent is whole. */
function fewOf<T>(damage: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<T[]>([]) },
    { weight: 1, arbitrary: fc.array(damage, { minLength: 1, maxLength: 2 }) },
  );
}

const inserts = [
  '',
  '{',
  '[',
  '"',
  "'",
  ':',
  '- ',
  '\n',
  '\t',
  '&a ',
  '*a',
  '!!x ',
  '---\n',
  '\u0000',
  '#',
  '%',
];
const scratch = fc.record({ place: fc.nat(), insert: fc.constantFrom(...inserts) });

/** Text of a document in JSON or YAML, with some of its characters damaged. */
export const bodies: fc.Arbitrary<string> = fc
  .record({
    document: fc.oneof(documents, valid),
    spoilings: fewOf(spoiling),
    yaml: fc.nat({ max: 3 }).map((chance) => chance === 0),
    scratches: fewOf(scratch),
  })
  .map(({ document, spoilings, yaml, scratches }) => {
    const spoilt = spoilings.reduce<unknown>((root, { steps, value }) => spoil(root, steps, value), document);
    const text = yaml ? stringify(spoilt) : JSON.stringify(spoilt);
    return scratches.reduce((damaged, { place, insert }) => {
      const at = place % (damaged.length + 1);
      return damaged.slice(0, at) + insert + damaged.slice(at + (insert === '' ? 1 : 0));
    }, text);
  });
