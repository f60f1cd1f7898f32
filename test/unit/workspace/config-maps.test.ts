import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import { document } from '../planning/workspaces.ts';
import { tune } from './create-cases.ts';
import { assertFault } from './faults.ts';

const serving = document({ inference: { preset: { name: 'phi-4' }, config: 'params' } });
const tuning = document(tune({ config: 'params' }));

/** A cluster with one ConfigMap named params. */
const withParams = (data?: Record<string, string>) => ({
  configMap: (namespace: string, name: string) =>
    namespace === 'default' && name === 'params' ? data : undefined,
});

describe('the ConfigMap of a Workspace', () => {
  it('must be there, with its key (M1, M3, K1, K2)', () => {
    assertFault(
      validateCreate(serving, withParams()),
      'inference.config',
      'NotFound',
      /ConfigMap 'params' specified in 'config' not found in namespace 'default'/,
    );
    assertFault(
      validateCreate(serving, withParams({})),
      'inference.config',
      'Required',
      /missing inference_config.yaml in ConfigMap/,
    );
    assertFault(validateCreate(tuning, withParams()), 'tuning.config', 'NotFound', /not found/);
    assertFault(
      validateCreate(tuning, withParams({})),
      'tuning.config',
      'Required',
      /missing training_config.yaml/,
    );
  });

  it('must hold what can be read (M4, M6, K3)', () => {
    const inference = (text: string) =>
      validateCreate(serving, withParams({ 'inference_config.yaml': text }));
    assertFault(inference('a: ['), 'inference.config[inference_config.yaml]', 'Invalid', /Failed to parse/);
    assertFault(
      inference('vllm: {max-model-len: 99999}'),
      'inference.config[inference_config.yaml].vllm.max-model-len',
      'Invalid',
      /exceeds/,
    );
    assert.ok(inference('vllm: {max-model-len: 16384}').ok);
    assertFault(
      validateCreate(tuning, withParams({ 'training_config.yaml': '[' })),
      'tuning.config[training_config.yaml]',
      'Invalid',
      /invalid YAML/,
    );
  });

  it('is read by the rules of its API version at the door too', () => {
    const old = (rest: object) =>
      document({ version: 'v1alpha1', inference: { preset: { name: 'phi-4' }, config: 'params' }, ...rest });
    const data = (text: string) => withParams({ 'inference_config.yaml': text });
    assertFault(
      validateCreate(old({ count: 2 }), data('vllm: {swap-space: 4}')),
      'inference.config[inference_config.yaml].vllm.max-model-len',
      'Required',
      /max-model-len is required in the vllm section/,
    );
    assert.ok(validateCreate(old({}), data('vllm: {max-model-len: 99999}')).ok);
  });

  it('is left to planning when nobody can read it at the door, and does not matter to transformers', () => {
    assert.ok(validateCreate(serving).ok);
    const annotations = { 'kaito.sh/runtime': 'transformers' };
    assert.ok(
      validateCreate(
        document({ annotations, inference: { preset: { name: 'phi-4' }, config: 'params' } }),
        withParams(),
      ).ok,
    );
  });
});
