import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { defaultWorkspace, readWorkspace } from '../../../shared/workspace/validate.ts';

type Node = Record<string, unknown>;

/** A value of a type of the list, or the one of an enum. */
const values: Readonly<Record<string, unknown>> = {
  string: 'public',
  integer: 1,
  array: [],
  object: {},
  open: {},
};
const enums: Readonly<Record<string, string>> = { mode: 'mig' };

/** What the schema wants beside any field of a section. */
const required: Readonly<Record<string, Node>> = {
  resource: { labelSelector: {} },
  'resource.partition': { mode: 'mig' },
  'resource.labelSelector.matchExpressions[]': { key: 'a', operator: 'In' },
  'inference.preset': { name: 'phi-4' },
  tuning: { input: {}, output: {} },
  'tuning.preset': { name: 'phi-4' },
};

/** A document with one field set, and what is required around it. */
function documentWith(version: string, path: string, type: string): Node {
  const root: Node = { apiVersion: `kaito.sh/${version}`, kind: 'Workspace', metadata: { name: 'a' } };
  const steps = path.split('.');
  let place: Node = root;
  steps.forEach((step, index) => {
    const name = step.replace('[]', '');
    const here = steps.slice(0, index + 1).join('.');
    const last = index === steps.length - 1;
    const inner: Node = { ...required[here] };
    const value = last ? (required[here] ?? enums[name] ?? values[type]) : inner;
    place[name === '*' ? 'any' : name] = step.endsWith('[]') ? [value] : value;
    place = inner;
  });
  return root;
}

describe('every field of KAITO’s CRD may be sent', () => {
  for (const version of ['v1alpha1', 'v1beta1']) {
    const file = new URL(`../../golden/kaito-fields-${version}.txt`, import.meta.url);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const own = lines.filter((line) => /^(resource|inference|tuning)/.test(line));

    it(`to ${version}: there are many`, () => assert.ok(own.length > 40));

    for (const line of own) {
      it(`to ${version}: ${line}`, () => {
        const [path = '', type = ''] = line.split(': ');
        const document = documentWith(version, path, type);
        const read = defaultWorkspace(document);
        assert.ok(read.ok, `${JSON.stringify(document)}\n${JSON.stringify(read)}`);
      });
    }

    it(`and a status of ${version} is passed over`, () => {
      const stored = {
        ...documentWith(version, 'resource', 'object'),
        inference: { preset: { name: 'phi-4' } },
      };
      const resource = { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: {} };
      assert.ok(readWorkspace({ ...stored, resource, status: { workerNodes: ['a'], conditions: [] } }).ok);
    });
  }
});
