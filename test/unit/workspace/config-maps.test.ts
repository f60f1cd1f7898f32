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

  const badConfigs: readonly [text: string, at: string, message: RegExp][] = [
    ['vllm: [1]', '', /Failed to parse.*vllm must hold a map/],
    ['vllm: {a: {b: 1}}', '', /Failed to parse.*vllm.a must be a scalar/],
    ['just text', '', /Failed to parse/],
    ['vllm: {a: 1}\nvllm: {b: 2}', '', /Failed to parse.*line 2, column 1: the key "vllm" is given twice/],
    ['vllm: {max-model-len: many}', '.vllm.max-model-len', /must be an integer, not "many"/],
    ['vllm: {max-model-len: 4096.5}', '.vllm.max-model-len', /must be an integer, not "4096.5"/],
    ['vllm: {max-model-len: " 16385 "}', '.vllm.max-model-len', /16385 exceeds .*context window 16384/],
  ];
  for (const [text, at, message] of badConfigs) {
    it(`is refused for ${text} (M4 to M6)`, () => {
      const result = validateCreate(serving, withParams({ 'inference_config.yaml': text }));
      assertFault(result, `inference.config[inference_config.yaml]${at}`, 'Invalid', message);
    });
  }

  for (const text of [
    '',
    'other: {a: [1]}',
    'vllm:',
    'vllm: {max-model-len: 0}',
    'vllm: {max-model-len: -5}',
    'vllm: {a: true, b: 1.5}',
  ])
    it(`may say ${JSON.stringify(text)}`, () =>
      assert.ok(validateCreate(serving, withParams({ 'inference_config.yaml': text })).ok));

  type Training = readonly [method: string, config: object, at: string, reason: string, message: RegExp];
  const badTrainings: readonly Training[] = [
    ['lora', { Other: {} }, '.Other', 'Invalid', /Unrecognized section: Other/],
    [
      'lora',
      { QuantizationConfig: { load_in_4bit: 'yes' } },
      '.QuantizationConfig.load_in_4bit',
      'Invalid',
      /either nil or a boolean/,
    ],
    [
      'lora',
      { QuantizationConfig: { load_in_8bit: 1 } },
      '.QuantizationConfig.load_in_8bit',
      'Invalid',
      /either nil or a boolean, not 1/,
    ],
    [
      'qlora',
      { QuantizationConfig: { load_in_4bit: true, load_in_8bit: true } },
      '.QuantizationConfig',
      'Invalid',
      /Cannot set both/,
    ],
    [
      'lora',
      { QuantizationConfig: { load_in_8bit: true } },
      '.QuantizationConfig',
      'Invalid',
      /For method 'lora'/,
    ],
    [
      'QLoRA',
      { QuantizationConfig: { load_in_4bit: false } },
      '.QuantizationConfig',
      'Required',
      /For method 'qlora'/,
    ],
    ['qlora', {}, '.QuantizationConfig', 'Required', /For method 'qlora'/],
    [
      'lora',
      { TrainingArguments: { output_dir: 5 } },
      '.TrainingArguments.output_dir',
      'Invalid',
      /output_dir is not a string: 5/,
    ],
    [
      'lora',
      { TrainingArguments: { output_dir: '.' } },
      '.TrainingArguments.output_dir',
      'Invalid',
      /Invalid output_dir specified: '.'/,
    ],
    [
      'lora',
      { TrainingArguments: { output_dir: '../etc' } },
      '.TrainingArguments.output_dir',
      'Invalid',
      /must be a directory/,
    ],
  ];
  for (const [method, config, at, reason, message] of badTrainings) {
    it(`is refused for ${method} with ${JSON.stringify(config)} (K5 to K11)`, () => {
      const data = { 'training_config.yaml': JSON.stringify({ training_config: config }) };
      const result = validateCreate(document(tune({ config: 'params', method })), withParams(data));
      assertFault(result, `tuning.config[training_config.yaml]${at}`, reason, message);
    });
  }

  it('must hold a map under training_config (K4), and may hold all its sections', () => {
    const read = (config: unknown, method = 'lora') =>
      validateCreate(
        document(tune({ config: 'params', method })),
        withParams({ 'training_config.yaml': JSON.stringify(config) }),
      );
    const field = 'tuning.config[training_config.yaml]';
    for (const config of [{}, { training_config: [1] }, { training_config: null }, []])
      assertFault(read(config), field, 'Invalid', /Expected 'training_config' key to contain a map/);
    const sections = {
      ModelConfig: {},
      QuantizationConfig: { load_in_4bit: true, load_in_8bit: null },
      LoraConfig: { r: 8 },
      TrainingArguments: { output_dir: 'results' },
      DatasetConfig: {},
      DataCollator: {},
    };
    assert.ok(read({ training_config: sections }, 'qlora').ok);
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
