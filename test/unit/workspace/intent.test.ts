import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { intentHash, specHash } from '../../../shared/workspace/intent.ts';
import { document, workspace } from '../planning/workspaces.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';

type Draft = NonNullable<Parameters<typeof document>[0]>;
const base = workspace();

describe('the intent hash', () => {
  const same: readonly [name: string, draft: Draft][] = [
    ['a default that is written out', { count: 1 }],
    ['the other API version', { version: 'v1alpha1' }],
    ["v1alpha1's default size left out", { version: 'v1alpha1', instanceType: '' }],
    ['an annotation that asks for the default', { annotations: { 'kaito.sh/runtime': 'vllm' } }],
    ['an annotation value that does nothing', { annotations: { 'kaito.sh/enablelb': 'true' } }],
    ['an empty config', { inference: { preset: { name: 'phi-4' }, config: '', adapters: [] } }],
    ['another spelling of preset and size', { preset: 'Phi-4', instanceType: 'standard_NC24ads_A100_v4' }],
    ['a foreign annotation', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }],
    ["a controller's note", { annotations: { 'kaito.sh/upgrade-start-time': '2026-01-01T00:00:00Z' } }],
    ['the time that a door noted', { annotations: { 'slipway.dev/accepted-at': '2026-01-01T00:00:00Z' } }],
    ['a label', { labels: { team: 'a' } }],
  ];
  for (const [name, draft] of same)
    it(`is the same with ${name}`, () => assert.equal(intentHash(workspace(draft)), intentHash(base)));

  it('is the same with keys in another order', () => {
    const reversed: unknown = JSON.parse(JSON.stringify(document()), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    const read = validateCreate(reversed);
    assert.ok(read.ok);
    assert.equal(intentHash(read.value), intentHash(base));
  });

  const different: readonly [name: string, draft: Draft][] = [
    ['another preset', { preset: 'phi-3-mini-4k-instruct' }],
    ['another count', { count: 2 }],
    ['another node label', { matchLabels: { apps: 'b' } }],
    ['a load balancer', { annotations: { 'kaito.sh/enablelb': 'True' } }],
    ['resource checks bypassed', { annotations: { 'kaito.sh/bypass-resource-checks': '' } }],
    ['a node label without value', { matchLabels: { apps: 'my-model', gpu: '' } }],
    ['a config', { inference: { preset: { name: 'phi-4' }, config: 'c' } }],
    ['a kaito.sh annotation', { annotations: { 'kaito.sh/runtime': 'transformers' } }],
    ['a wish to try again', { annotations: { 'slipway.dev/retry': '1' } }],
    ['an input of model streaming', { annotations: { 'inference.kaito.sh/stream-source-type': 'byo' } }],
  ];
  for (const [name, draft] of different) {
    it(`changes with ${name}`, () => assert.notEqual(intentHash(workspace(draft)), intentHash(base)));
  }

  it('changes when deletion is wished', () => {
    const metadata = { ...base.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    assert.notEqual(intentHash({ ...base, metadata }), intentHash(base));
    assert.equal(specHash({ ...base, metadata }), specHash(base));
  });

  it('is a sha256 in hex', () => assert.match(intentHash(base), /^[0-9a-f]{64}$/));
});
