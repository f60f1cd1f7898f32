import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import { validateCreate, validateUpdate } from '../../../shared/workspace/validate.ts';
import { document, workspace } from '../planning/workspaces.ts';
import { adapter, adapters } from './create-cases.ts';
import { assertFault } from './faults.ts';

const nodeClass = 'kaito.sh/node-class-name';
const nodeClasses = ['image-family-ubuntu', 'image-family-azure-linux'];
const choosing = (name: string) => document({ annotations: { [nodeClass]: name } });

describe('the node class of a Workspace', () => {
  const at = `metadata.annotations[${nodeClass}]`;

  it('must be one of the deployment where Karpenter adds the nodes (C8)', () => {
    const refused = validateCreate(choosing('image-family-ubunto'), { nodeClasses });
    assertFault(refused, at, 'NotSupported', /is not a KAITO-managed NodeClass, supported values are/);
    assert.ok(!refused.ok && refused.faults[0]?.remedy === 'did you mean image-family-ubuntu?');
    for (const name of ['image-family-ubuntu', ''])
      assert.ok(validateCreate(choosing(name), { nodeClasses }).ok);
  });

  it('means nothing elsewhere, and to v1alpha1', () => {
    assert.ok(validateCreate(choosing('x')).ok);
    const old = document({ version: 'v1alpha1', annotations: { [nodeClass]: 'x' } });
    assert.ok(validateCreate(old, { nodeClasses }).ok);
  });

  it('is looked at again when it changes, and only then (U14)', () => {
    const recorded = workspace({ annotations: { [nodeClass]: 'gone' } });
    assert.ok(validateUpdate(recorded, choosing('gone'), { nodeClasses }).ok);
    assertFault(validateUpdate(recorded, choosing('x'), { nodeClasses }), at, 'NotSupported', /NodeClass/);
  });
});

describe('model streaming', () => {
  const gates = { mig: false, accelerator: false, modelStreaming: true };
  const without: Partial<AdmissionContext> = { gates, csiDrivers: ['disk.csi.azure.com'] };
  const streaming = 'kaito.sh/model-streaming';

  it('needs the blob CSI driver in the cluster', () =>
    assertFault(
      validateCreate(document(), without),
      'metadata.annotations',
      'NotFound',
      /blob\.csi\.azure\.com not found; required for model streaming/,
    ));

  const allowed: readonly [name: string, context: Partial<AdmissionContext>, body: object][] = [
    ['with the driver', { gates, csiDrivers: ['blob.csi.azure.com'] }, document()],
    ['where nobody has looked for drivers', { gates }, document()],
    ['with its gate off', { csiDrivers: [] }, document()],
    ['for a Workspace that opts out', without, document({ annotations: { [streaming]: 'disabled' } })],
    ['on transformers', without, document({ annotations: { 'kaito.sh/runtime': 'transformers' } })],
    [
      'for a pod template',
      without,
      document({ inference: { preset: undefined, template: { spec: { containers: [{ name: 'c' }] } } } }),
    ],
    ['for v1alpha1', without, document({ version: 'v1alpha1' })],
  ];
  for (const [name, context, body] of allowed)
    it(`asks for nothing ${name}`, () => {
      const result = validateCreate(body, context);
      assert.ok(result.ok, JSON.stringify(result));
    });
});

describe('a ConfigMap that cannot be read', () => {
  it('is told apart from one that is not there (M2)', () => {
    const body = document({ inference: { preset: { name: 'phi-4' }, config: 'params' } });
    const result = validateCreate(body, { configMap: () => new Error('forbidden') });
    assertFault(result, 'inference.config', 'Invalid', /Failed to get ConfigMap 'params'.*forbidden/);
  });
});

describe("without KAITO's feature gate vLLM", () => {
  const gates = { mig: false, accelerator: false, vllm: false };

  it('every model runs on transformers, whatever its annotation', () => {
    const spellings: Record<string, string>[] = [{}, { 'kaito.sh/runtime': 'vllm' }];
    for (const annotations of spellings) {
      const valid = workspace({ annotations, count: 2 }, { gates });
      const planned = planWorkspace(valid, { gates });
      assert.ok(planned.ok);
      assert.deepEqual(
        [planned.plan.runtime, planned.plan.nodeCount, planned.plan.benchmark],
        ['transformers', 2, false],
      );
      const text = JSON.stringify(
        renderWorkload(valid, planned.plan, { ownerUid: 'u', localNvmeStorageClass: false }),
      );
      assert.match(text, /accelerate launch/);
      assert.doesNotMatch(text, /5557|vllm/i);
    }
  });

  it('a model without transformers support is refused, and one too large for the nodes asked for', () => {
    assertFault(
      validateCreate(document({ preset: 'qwen/qwen3.5-9b' }), { gates }),
      'inference.preset.name',
      'NotSupported',
      /no Transformers runtime support/,
    );
    assertFault(
      validateCreate(document({ preset: 'llama-3.3-70b-instruct' }), { gates }),
      'resource.instanceType',
      'Invalid',
      /Insufficient total GPU memory/,
    );
  });

  it('adapters may have a strength, and nobody reads inference_config.yaml', () => {
    assert.ok(validateCreate(document(adapters(adapter('a', { strength: '0.5' }))), { gates }).ok);
    const body = document({ inference: { preset: { name: 'phi-4' }, config: 'params' } });
    assert.ok(validateCreate(body, { gates, configMap: () => undefined }).ok);
  });

  it('the Service of a pod template has no port for events of the KV cache', () => {
    const template = { spec: { containers: [{ name: 'c', image: 'x/y:1' }] } };
    const valid = workspace({ inference: { preset: undefined, template } }, { gates });
    const planned = planWorkspace(valid, { gates });
    assert.ok(planned.ok);
    const objects = renderWorkload(valid, planned.plan, { ownerUid: 'u', localNvmeStorageClass: false });
    assert.doesNotMatch(JSON.stringify(objects), /5557/);
  });
});
