import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { canonicalJson } from '../../../shared/workspace/canonical.ts';
import { changeBetween } from '../../../shared/workspace/change.ts';
import { intentHash, specHash } from '../../../shared/workspace/intent.ts';
import { defaultWorkspace } from '../../../shared/workspace/validate.ts';
import type { Workspace } from '../../../shared/workspace/workspace.ts';
import { seed } from './seed.ts';

/** What a user may want, each thing in one form. */
const wishes = fc.record({
  count: fc.constantFrom(1, 2),
  size: fc.constantFrom('Standard_NC24ads_A100_v4', 'Standard_NV36ads_A10_v5'),
  label: fc.constantFrom('a', 'b', ''),
  expression: fc.constantFrom('', 'a'),
  preferred: fc.constantFrom('', 'node-1'),
  work: fc.constantFrom('preset', 'template', 'tuning'),
  preset: fc.constantFrom('phi-4', 'phi-3-mini-4k-instruct'),
  config: fc.constantFrom('', 'params'),
  secret: fc.constantFrom('', 'registry'),
  halves: fc.constantFrom(0, 1, 2),
  cpuMilli: fc.constantFrom(500, 1000, 2000),
  memoryMi: fc.constantFrom(512, 1024),
  scratch: fc.boolean(),
  runtime: fc.constantFrom('vllm', 'transformers'),
  mode: fc.constantFrom('balanced', 'throughput'),
  family: fc.constantFrom('ubuntu', 'azurelinux'),
});
/** One of many ways to write it down. */
const forms = fc.record({
  version: fc.constantFrom('v1alpha1', 'v1beta1'),
  spelledOut: fc.boolean(),
  upper: fc.boolean(),
  large: fc.boolean(),
  shuffled: fc.boolean(),
});
type Wish = typeof wishes extends fc.Arbitrary<infer Value> ? Value : never;
type Form = typeof forms extends fc.Arbitrary<infer Value> ? Value : never;

/** The parts of a wish that its kind of work looks at. */
function relevant(wish: Wish): object {
  const { work, cpuMilli, memoryMi, scratch, preset, config, secret, halves, ...both } = wish;
  if (work === 'template') return { ...both, work, cpuMilli, memoryMi, scratch };
  return work === 'tuning'
    ? { ...both, work, preset, config, secret }
    : { ...both, work, preset, config, secret, halves };
}

function written(wish: Wish, form: Form): Workspace {
  const { spelledOut } = form;
  const text = (value: string) => (form.upper ? value.toUpperCase() : value);
  const orNothing = <T>(value: T, isDefault: boolean) => (isDefault && !spelledOut ? undefined : value);
  const quantity = (value: number, unit: string, larger: string, ratio: number): string | number =>
    form.large && value % ratio === 0
      ? larger === ''
        ? value / ratio
        : `${value / ratio}${larger}`
      : `${value}${unit}`;
  const preset = {
    name: text(wish.preset),
    accessMode: orNothing('public', true),
    presetOptions:
      wish.secret === '' ? orNothing({ imagePullSecrets: [] }, true) : { imagePullSecrets: [wish.secret] },
  };
  const config = orNothing(wish.config, wish.config === '');
  const adapters =
    wish.halves === 0
      ? orNothing([], true)
      : [
          {
            source: { name: 'a', image: 'x:1', urls: orNothing([], true) },
            strength: form.large ? `${wish.halves / 2}` : (wish.halves / 2).toFixed(2),
          },
        ];
  const resources = {
    limits: {
      cpu: quantity(wish.cpuMilli, 'm', '', 1000),
      memory: quantity(wish.memoryMi, 'Mi', 'Gi', 1024),
    },
  };
  const volumes = wish.scratch ? [{ name: 's', emptyDir: {} }] : undefined;
  const template = { spec: { containers: [{ name: 'c', image: 'x:1', resources }], volumes } };
  const tuning = {
    preset,
    method: text('lora'),
    config,
    input: { urls: ['https://data.example/x'], imagePullSecrets: orNothing([], true) },
    output: { volumeSource: { emptyDir: {} }, image: orNothing('', true) },
  };
  const inference = wish.work === 'template' ? { template } : { preset, config, adapters };
  const body = {
    apiVersion: `kaito.sh/${form.version}`,
    kind: 'Workspace',
    metadata: {
      name: 'w',
      annotations: {
        'kaito.sh/runtime': orNothing(wish.runtime, wish.runtime === 'vllm'),
        'kaito.sh/performance-mode': orNothing(wish.mode, wish.mode === 'balanced'),
        'kaito.sh/node-image-family': orNothing(text(wish.family), wish.family === 'ubuntu'),
        'kaito.sh/disable-benchmark': orNothing('false', true),
      },
    },
    resource: {
      count: orNothing(wish.count, wish.count === 1),
      instanceType: text(wish.size),
      labelSelector: {
        matchLabels: { apps: wish.label, tier: 'x' },
        matchExpressions:
          wish.expression === ''
            ? orNothing([], true)
            : [{ key: 'tier', operator: 'In', values: [wish.expression] }],
      },
      preferredNodes: wish.preferred === '' ? orNothing([], true) : [wish.preferred],
    },
    ...(wish.work === 'tuning' ? { tuning } : { inference }),
  };
  const read = defaultWorkspace(JSON.parse(JSON.stringify(form.shuffled ? reversed(body) : body)));
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]: [string, unknown]) => [key, reversed(item)]),
  );
}

const options = { seed: seed('meaning'), numRuns: 3000 };

describe('two Workspaces', () => {
  it('of equal meaning have equal hashes, and nothing changes between them, however they are written', () => {
    fc.assert(
      fc.property(wishes, forms, forms, (wish, one, other) => {
        const [old, next] = [written(wish, one), written(wish, other)];
        assert.equal(intentHash(next), intentHash(old));
        assert.equal(specHash(next), specHash(old));
        assert.deepEqual(changeBetween(old, next), { effect: 'none', fields: [] });
      }),
      options,
    );
  });

  it('of equal meaning come to the same plan and, but for what is handed over as written, the same objects', () => {
    fc.assert(
      fc.property(wishes, forms, forms, (wish, one, other) => {
        const made = [one, other].map((form) => {
          const valid = written({ ...wish, halves: 0, memoryMi: 512, cpuMilli: 500 }, form);
          const planned = planWorkspace(valid);
          if (!planned.ok) return planned;
          const options = { ownerUid: 'u', localNvmeStorageClass: true };
          return { planned, objects: renderWorkload(valid, planned.plan, options) };
        });
        assert.equal(canonicalJson(made[1]), canonicalJson(made[0]));
      }),
      { ...options, numRuns: 500 },
    );
  });

  it('of different meaning have different hashes, and what differs is named', () => {
    fc.assert(
      fc.property(wishes, wishes, forms, forms, (wish, other, form, otherForm) => {
        const equal = JSON.stringify(relevant(wish)) === JSON.stringify(relevant(other));
        const [old, next] = [written(wish, form), written(other, otherForm)];
        assert.equal(intentHash(old) === intentHash(next), equal);
        assert.equal(changeBetween(old, next).fields.length === 0, equal);
      }),
      options,
    );
  });

  it('that differ in one thing have different hashes', () => {
    fc.assert(
      fc.property(wishes, wishes, forms, (wish, other, form) => {
        for (const key of Object.keys(wish)) {
          const next = {
            ...wish,
            ...Object.fromEntries(Object.entries(other).filter(([name]) => name === key)),
          };
          const equal = JSON.stringify(relevant(wish)) === JSON.stringify(relevant(next));
          assert.equal(intentHash(written(wish, form)) === intentHash(written(next, form)), equal, key);
        }
      }),
      { ...options, numRuns: 500 },
    );
  });
});
