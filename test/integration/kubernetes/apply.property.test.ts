import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FieldSet } from '../../../infra/local/kubernetes/apply/field-set.ts';
import { applyConfiguration, trackUpdate } from '../../../infra/local/kubernetes/apply/server-side-apply.ts';
import { fieldsOf } from '../../../infra/local/kubernetes/apply/compare.ts';
import { listAt, objectAt, stringAt, type JsonObject } from '../../../infra/local/kubernetes/json.ts';
import { builtinSchema } from '../../../infra/local/kubernetes/schema/builtin-schemas.ts';

const schema = builtinSchema('io.k8s.api.core.v1.Pod');

const text = fc.constantFrom('1', '2', '3');
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), text, { maxKeys: 3 });
const env = fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: text }), {
  selector: ({ name }) => name,
});
const container = fc.record(
  { name: fc.constantFrom('web', 'side', 'init'), image: text, env, args: fc.array(text, { maxLength: 2 }) },
  { requiredKeys: ['name'] },
);
const containers = fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 3 });
const configuration: fc.Arbitrary<JsonObject> = fc
  .record(
    { labels, containers, restartPolicy: fc.constantFrom('Always', 'Never'), nodeName: text },
    { requiredKeys: [] },
  )
  .map(({ labels: chosen, ...spec }) => ({ metadata: chosen === undefined ? {} : { labels: chosen }, spec }));

function apply(
  live: JsonObject,
  applied: JsonObject,
  { manager = 'slipway', force = true } = {},
): JsonObject {
  const writer = { manager, operation: 'Apply', apiVersion: 'v1', subresource: '' } as const;
  return applyConfiguration({ live, applied, schema, writer, force, time: '2026-01-01T00:00:00Z' });
}

/** What an object says, whoever owns it: without managedFields, empty maps and lists, and the order of keyed lists. */
function content(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    const keyed = items.every((item) => stringAt(item, 'name') !== undefined);
    const mapped = items.map(content);
    return keyed
      ? mapped.sort((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right)))
      : mapped;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([name]) => name !== 'managedFields')
    .map(([name, field]): [string, unknown] => [name, content(field)])
    .filter(([, field]) => !(typeof field === 'object' && field !== null && Object.keys(field).length === 0));
  return Object.fromEntries(kept.sort(([left], [right]) => left.localeCompare(right)));
}

function owners(object: JsonObject): string[] {
  return listAt(object, 'metadata', 'managedFields').map((entry) => stringAt(entry, 'manager') ?? '');
}

describe('server-side apply, whatever is applied', () => {
  it('one manager gets exactly what it applied last', () => {
    fc.assert(
      fc.property(fc.array(configuration, { minLength: 1, maxLength: 4 }), (configurations) => {
        const object = configurations.reduce<JsonObject>((live, applied) => apply(live, applied), {});
        assert.deepEqual(content(object), content(configurations.at(-1)));
      }),
    );
  });

  it('applying the same twice changes nothing, ownership included', () => {
    fc.assert(
      fc.property(configuration, configuration, (first, second) => {
        const object = apply(apply({}, first, { manager: 'other' }), second);
        assert.deepEqual(apply(object, second), object);
      }),
    );
  });

  it('a manager that gives everything up leaves exactly what the other wants', () => {
    fc.assert(
      fc.property(configuration, configuration, (mine, theirs) => {
        const both = apply(apply({}, mine), theirs, { manager: 'other' });
        const left = apply(both, { metadata: {}, spec: {} });
        assert.deepEqual(content(left), content(theirs));
      }),
    );
  });

  it('without force nobody loses a value: it is applied without conflict, or refused and unchanged', () => {
    fc.assert(
      fc.property(configuration, configuration, (first, second) => {
        const live = apply({}, first, { manager: 'other' });
        const before = structuredClone(live);
        let result: JsonObject;
        try {
          result = apply(live, second, { force: false });
        } catch {
          assert.deepEqual(live, before);
          return;
        }
        const fields = (configuration: JsonObject) => fieldsOf(configuration, schema);
        const shared = fields(first).intersection(fields(second));
        assert.ok(shared.isEmpty() || owners(result).includes('other'));
        assert.deepEqual(content(apply(result, first, { manager: 'other', force: false })), content(result));
      }),
    );
  });

  it('an update owns what it wrote, so that the next apply must ask', () => {
    fc.assert(
      fc.property(configuration, text, (applied, value) => {
        const before = apply({}, applied);
        const metadata = {
          ...objectAt(before, 'metadata'),
          labels: { ...objectAt(before, 'metadata', 'labels'), a: `${value}-new` },
        };
        const writer = { manager: 'hand', operation: 'Update', apiVersion: 'v1', subresource: '' } as const;
        const after = trackUpdate({
          before,
          after: { ...before, metadata },
          schema,
          writer,
          time: '2026-01-01T00:00:01Z',
        });
        const again = { ...applied, metadata: { labels: { a: value } } };
        assert.throws(
          () => apply(after, again, { force: false }),
          /conflict with "hand" using v1: \.metadata\.labels\.a/,
        );
      }),
    );
  });
});

describe('field sets', () => {
  const sets = configuration.map((applied) => fieldsOf(applied, schema));

  it('survive being written down', () => {
    fc.assert(fc.property(sets, (set) => assert.ok(FieldSet.fromFieldsV1(set.toFieldsV1()).equals(set))));
  });

  it('obey the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        assert.ok(left.union(right).equals(right.union(left)));
        assert.ok(left.difference(right).union(left.intersection(right)).equals(left));
        assert.ok(left.difference(right).intersection(right).isEmpty());
        assert.ok(left.difference(left).isEmpty());
      }),
    );
  });
});
