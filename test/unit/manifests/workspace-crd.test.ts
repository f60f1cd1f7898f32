import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { crdFile, crdText } from '../../../infra/crds/generate.ts';
import { workspaceCustomResourceDefinition } from '../../../shared/manifests/workspace-crd.ts';
import type { Schema } from '../../../shared/workspace/schema/structural-schema.ts';

const [v1alpha1, v1beta1] = workspaceCustomResourceDefinition().spec.versions;

/** Every field path of a schema, with its type. */
function fields(schema: Schema, path = ''): string[] {
  const here = path === '' ? [] : [`${path}: ${schema.type}`];
  if (schema.type === 'array') return [...here, ...fields(schema.items, `${path}[]`)];
  if (schema.type !== 'object') return here;
  if ('additionalProperties' in schema) return [...here, ...fields(schema.additionalProperties, `${path}.*`)];
  if (!('properties' in schema)) return [`${path}: open`];
  return [
    ...here,
    ...Object.entries(schema.properties).flatMap(([key, property]) =>
      fields(property, path === '' ? key : `${path}.${key}`),
    ),
  ];
}

/** Fields of KAITO v0.12.0's CRD, one a line, as its own file lists them. */
function kaitoFields(version: string): string[] {
  return readFileSync(new URL(`../../golden/kaito-fields-${version}.txt`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
}

describe('the Workspace CRD', () => {
  it('in infra/crds is the one the app installs', () => {
    assert.equal(readFileSync(crdFile, 'utf8'), crdText(), 'run: node infra/crds/generate.ts');
  });

  for (const definition of [v1alpha1, v1beta1]) {
    it(`has every field of KAITO's CRD in ${definition?.name ?? ''}, with its type`, () => {
      assert.ok(definition);
      const own = new Set(fields(definition.schema.openAPIV3Schema));
      const missing = kaitoFields(definition.name).filter((field) => !own.has(field));
      assert.deepEqual(missing, []);
    });
  }

  it('stores v1beta1 and serves both versions', () => {
    assert.deepEqual(
      [v1alpha1?.storage, v1beta1?.storage, v1alpha1?.served, v1beta1?.served],
      [false, true, true, true],
    );
  });

  it("prints KAITO's columns", () => {
    const names = (definition: typeof v1beta1) =>
      definition?.additionalPrinterColumns.map(({ name }) => name);
    assert.deepEqual(names(v1alpha1), [
      'Instance',
      'ResourceReady',
      'InferenceReady',
      'JobStarted',
      'WorkspaceSucceeded',
      'Age',
    ]);
    assert.deepEqual(names(v1beta1), [
      ...(names(v1alpha1)?.slice(0, 5) ?? []),
      'TargetNodeCount',
      'State',
      'Age',
    ]);
  });

  it('keeps whatever Slipway writes under status.slipway', () => {
    assert.ok(fields(v1beta1!.schema.openAPIV3Schema).includes('status.slipway: open'));
  });

  it('defaults the instance type in v1alpha1 alone', () => {
    const text = (definition: typeof v1beta1) => JSON.stringify(definition?.schema);
    assert.match(text(v1alpha1), /"default":"Standard_NC24ads_A100_v4"/);
    assert.doesNotMatch(text(v1beta1), /"default":"Standard_NC24ads_A100_v4"/);
  });
});
