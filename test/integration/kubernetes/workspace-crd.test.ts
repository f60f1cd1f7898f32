import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { JsonObject } from '../../../infra/local/kubernetes/json.ts';
import { isObject } from '../../../infra/local/kubernetes/json.ts';
import { startCluster, type TestCluster } from './support/cluster.ts';
import { path } from './support/manifests.ts';

const root = new URL('../../../', import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, root), 'utf8');

/** Workspaces that must be accepted: ours and those of KAITO v0.12.0, by the file each stands in. */
const examples: (readonly [file: string, document: unknown])[] = [
  ...readdirSync(new URL('examples', root))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => [file, parse(text(`examples/${file}`))] as const),
  ...text('test/golden/kaito-examples.yaml')
    .split(/^---$/m)
    .map((document) => [/^# (.*)$/m.exec(document)?.[1] ?? '', parse(document)] as const),
];

/** Values of fields that do not take just any text. */
const particular: Readonly<Record<string, unknown>> = {
  'inference.preset.accessMode': 'public',
  'tuning.preset.accessMode': 'private',
  'resource.partition.mode': 'mig',
  'status.conditions[].lastTransitionTime': '2026-01-01T00:00:00Z',
  'status.conditions[].status': 'True',
};

/** A Workspace that has every field of KAITO's CRD, from its list of field paths with their types. */
function withEveryField(version: string): JsonObject {
  const lines = text(`test/golden/kaito-fields-${version}.txt`).trim().split('\n');
  const types = new Map(
    lines.map((line): [string, string] => [
      /^\S+(?=: )/.exec(line)?.[0] ?? '',
      line.slice(line.lastIndexOf(' ') + 1),
    ]),
  );
  const valueAt = (field: string): unknown => {
    if (field in particular) return particular[field];
    switch (types.get(field)) {
      case 'integer':
        return 1;
      case 'array':
        return [valueAt(`${field}[]`)];
      case 'open':
        return { anything: [1, { deep: true }] };
      case 'object':
        return types.has(`${field}.*`) ? { some: valueAt(`${field}.*`) } : objectAt(`${field}.`);
      default:
        return 'text';
    }
  };
  const objectAt = (prefix: string): JsonObject => {
    const children = [...types.keys()].filter(
      (field) => field.startsWith(prefix) && /^[^.[\]]+$/.test(field.slice(prefix.length)),
    );
    return Object.fromEntries(children.map((field) => [field.slice(prefix.length), valueAt(field)]));
  };
  return {
    ...objectAt(''),
    apiVersion: `kaito.sh/${version}`,
    kind: 'Workspace',
    metadata: { name: `every-field-${version}`, namespace: 'default' },
  };
}

/** Asserts that all of `sent` is in `stored`, which may have more (defaults, what the server fills in). */
function assertKept(sent: unknown, stored: unknown, field: string): void {
  if (Array.isArray(sent)) {
    assert.ok(Array.isArray(stored) && stored.length === sent.length, field);
    for (const [index, item] of sent.entries()) assertKept(item, stored[index], `${field}[${index}]`);
  } else if (isObject(sent)) {
    assert.ok(isObject(stored), `${field} was dropped`);
    for (const [key, value] of Object.entries(sent)) assertKept(value, stored[key], `${field}.${key}`);
  } else assert.deepEqual(stored, sent, field);
}

describe('the CRD of infra/crds, in an API server', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
    const body: unknown = parse(text('infra/crds/kaito.sh_workspaces.yaml'));
    assert.equal((await cluster.call('POST', path.definitions, { body })).code, 201);
  });
  after(() => cluster.close());

  async function post(document: unknown, name: string) {
    assert.ok(isObject(document) && isObject(document['metadata']));
    const body = { ...document, metadata: { ...document['metadata'], name, namespace: 'default' } };
    const collection = `/apis/${String(document['apiVersion'])}/namespaces/default/workspaces`;
    const answer = await cluster.call('POST', collection, { body });
    assert.equal(answer.code, 201, answer.text);
    return { sent: body, stored: answer.body, url: `${collection}/${name}` };
  }

  it('has examples to accept', () => assert.ok(examples.length > 45));
  for (const [index, [file, document]] of examples.entries()) {
    it(`accepts ${file} and keeps all of it`, async () => {
      const { sent, stored } = await post(document, `example-${index}`);
      assertKept(sent, stored, '');
    });
  }

  for (const version of ['v1alpha1', 'v1beta1']) {
    it(`keeps every field of KAITO's CRD in ${version}, status included`, async () => {
      const { status, ...document } = withEveryField(version);
      const { sent, stored, url } = await post(document, `every-field-${version}`);
      assertKept(sent, stored, '');
      const body = { ...stored, status };
      const answer = await cluster.call('PUT', `${url}/status`, { body });
      assert.equal(answer.code, 200, answer.text);
      assertKept(status, answer.body['status'], 'status');
    });
  }
});
