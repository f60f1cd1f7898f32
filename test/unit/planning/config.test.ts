import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { readInferenceConfig } from '../../../shared/planning/inference-config.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { readTrainingConfig } from '../../../shared/planning/training-config.ts';
import { defaultTrainingConfig } from '../../../shared/planning/training-defaults.ts';
import { workspace } from './workspaces.ts';

function configFault(text: string, limit = 16384): string {
  const read = readInferenceConfig(text, limit);
  assert.ok(!read.ok, JSON.stringify(read));
  return read.faults.map(({ message }) => message).join('\n');
}

describe('the inference config', () => {
  const contexts: readonly [text: string, tokens: number | undefined][] = [
    ['vllm:\n  max-model-len: 4096\n', 4096],
    ['vllm: {max-model-len: "4096"} # quoted, which KAITO overlooks', 4096],
    ['max_probe_steps: 6\nvllm:\n  swap-space: 4\n', undefined],
    ['vllm:\n  max-model-len: 0\n', undefined],
    ['vllm:\n  max-model-len: -1\n', undefined],
    ['other: 1', undefined],
    ['vllm: {max_model_len: 4096} # an underscore is a hyphen to vLLM', 4096],
    ['', undefined],
    ['x: &x {max-model-len: 2048}\nvllm:\n  <<: *x\n  swap-space: 4\n', 2048],
    ['# vllm:\n#   max-model-len: 4096\n', undefined],
  ];
  for (const [text, tokens] of contexts) {
    it(`asks for ${tokens ?? 'the default'} tokens: ${JSON.stringify(text)}`, () => {
      const read = readInferenceConfig(text, 16384);
      assert.ok(read.ok, JSON.stringify(read));
      assert.equal(read.config.contextTokens, tokens);
    });
  }

  it('is refused with a reason when it cannot be used', () => {
    assert.match(configFault('vllm: [1'), /Failed to parse inference_config.yaml: line 1/);
    assert.match(configFault('vllm:\n  a: {b: 1}'), /vllm.a must be a scalar/);
    assert.match(configFault('vllm: 5'), /must hold a map/);
    assert.match(configFault('- a'), /must be a map/);
    assert.match(configFault('vllm:\n  max-model-len: many'), /max-model-len must be an integer, not "many"/);
    for (const number of ['4096.5', '4096.0', '0x1000', '1e3', '.inf'])
      assert.match(
        configFault(`vllm:\n  max-model-len: ${number}`),
        /must be an integer|Failed to parse/,
        number,
      );
    assert.match(
      configFault('vllm:\n  max-model-len: 20000'),
      /20000 exceeds model's maximum supported context window 16384/,
    );
  });

  it('is merged with the defaults of the serving image', () => {
    const read = (text: string) => {
      const result = readInferenceConfig(text, 16384);
      assert.ok(result.ok, JSON.stringify(result));
      const { probeSteps, cacheShareOfCpuMemory, remarks } = result.config;
      return [probeSteps, cacheShareOfCpuMemory, remarks];
    };
    assert.deepEqual(read(''), [6, 0.5, []]);
    assert.deepEqual(read('max_probe_steps: null'), [6, 0.5, []]);
    assert.deepEqual(read('kv_cache_cpu_memory_utilization: 0\nmax_probe_steps: 3\nvllm: {}'), [3, 0, []]);
  });

  it('is refused where a setting of the serving image is of the wrong type or out of range', () => {
    for (const [text, key] of [
      ['max_probe_steps: many', 'max_probe_steps'],
      ['max_probe_steps: 1.5', 'max_probe_steps'],
      ['kv_cache_cpu_memory_utilization: 1.5', 'kv_cache_cpu_memory_utilization'],
      ['kv_cache_cpu_memory_utilization: [1]', 'kv_cache_cpu_memory_utilization'],
    ] as const) {
      const read = readInferenceConfig(text, 16384);
      assert.ok(!read.ok, text);
      assert.deepEqual(
        read.faults.map(({ field }) => field),
        [`inference.config[inference_config.yaml].${key}`],
      );
    }
  });

  it('that has keys nobody reads is accepted with a remark in the plan', () => {
    const valid = workspace({ inference: { preset: { name: 'phi-4' }, config: 'params' } });
    const inferenceConfig = 'vlm: {a: 1}\nswap-space: 4\nvllm: {--seed: 1}';
    const planned = planWorkspace(valid, { inferenceConfig });
    assert.ok(planned.ok);
    const at = 'inference.config[inference_config.yaml]';
    assert.deepEqual(planned.plan.warnings, [
      `${at}.vlm: nobody reads this key; did you mean vllm?`,
      `${at}.swap-space: nobody reads this key; arguments of vLLM belong under vllm`,
      `${at}.vllm.--seed: the hyphens in front are added by the serving image`,
    ]);
  });

  it('that is not there refuses the plan, and one that was not read is remarked', () => {
    const valid = workspace({ inference: { preset: { name: 'phi-4' }, config: 'params' } });
    const absent = planWorkspace(valid, { inferenceConfig: null });
    assert.ok(!absent.ok);
    assert.match(absent.faults[0]?.message ?? '', /ConfigMap 'params'.*not found in namespace 'default'/);
    const unread = planWorkspace(valid);
    assert.ok(unread.ok);
    assert.match(unread.plan.warnings[0] ?? '', /params was not read/);
  });

  it('of v1alpha1 must name the context where memory is scarce', () => {
    const draft = {
      version: 'v1alpha1',
      preset: 'phi-3-mini-4k-instruct',
      instanceType: 'Standard_NC12s_v3',
    } as const;
    const valid = workspace({ ...draft, inference: { config: 'params' } });
    const without = planWorkspace(valid, { inferenceConfig: 'vllm: {}' });
    assert.ok(!without.ok);
    assert.match(without.faults[0]?.message ?? '', /max-model-len is required/);
    assert.ok(planWorkspace(valid, { inferenceConfig: 'vllm: {max-model-len: 2048}' }).ok);
  });

  it("of v1alpha1 is not compared with the model's limit", () => {
    const valid = workspace({ version: 'v1alpha1', inference: { config: 'params' } });
    const planned = planWorkspace(valid, { inferenceConfig: 'vllm: {max-model-len: 20000}' });
    assert.ok(planned.ok);
    assert.equal(planned.plan.contextTokens, 20000);
  });
});

function trainingFault(body: string, method: 'lora' | 'qlora' = 'lora'): string {
  const read = readTrainingConfig(`training_config:\n${body.replace(/^/gm, '  ')}`, method);
  assert.ok(!read.ok, JSON.stringify(read));
  return read.faults.map(({ field, message }) => `${field}: ${message}`).join('\n');
}

describe('the training config', () => {
  it('of the templates is valid for its own method and wrong for the other', () => {
    for (const method of ['lora', 'qlora'] as const) {
      const read = readTrainingConfig(defaultTrainingConfig(method), method);
      assert.ok(read.ok, JSON.stringify(read));
      assert.equal(read.outputDirectory, '/mnt/results');
      assert.deepEqual({ training_config: read.config }, parse(defaultTrainingConfig(method)));
    }
    assert.ok(!readTrainingConfig(defaultTrainingConfig('lora'), 'qlora').ok);
    assert.ok(!readTrainingConfig(defaultTrainingConfig('qlora'), 'lora').ok);
  });

  const faults: readonly [rule: string, body: string, expected: RegExp, method?: 'qlora'][] = [
    ['K5', 'LoraConfg: {}', /Unrecognized section: LoraConfg/],
    [
      'K6',
      'QuantizationConfig: {load_in_4bit: "yes"}',
      /load_in_4bit: value must be either nil or a boolean/,
    ],
    ['K7', 'QuantizationConfig: {load_in_4bit: true, load_in_8bit: true}', /Cannot set both/, 'qlora'],
    ['K8', 'QuantizationConfig: {load_in_8bit: true}', /For method 'lora'/],
    ['K9', 'LoraConfig: {}', /For method 'qlora'/, 'qlora'],
    ['K10', 'TrainingArguments: {output_dir: 5}', /output_dir is not a string/],
    ['K10', 'TrainingArguments: {output_dir: null}', /output_dir is not a string/],
    ['K11', 'TrainingArguments: {output_dir: ".."}', /Invalid output_dir specified: '\.\.'/],
    ['K11', 'TrainingArguments: {output_dir: "/mnt"}', /Invalid output_dir/],
    ['K11', 'TrainingArguments: {output_dir: "a/../.."}', /Invalid output_dir/],
    [
      'K7 and K8 at once',
      'QuantizationConfig: {load_in_4bit: true, load_in_8bit: true}',
      /Cannot set both[^]*For method/,
    ],
    [
      'its type',
      'LoraConfig: {r: eight}',
      /LoraConfig\.r: r must be a whole number of at least 1, not "eight"/,
    ],
    ['its type', 'LoraConfig: {r: 0}', /LoraConfig\.r/],
    ['its range', 'LoraConfig: {lora_dropout: 1.5}', /lora_dropout must be a number from 0 to 1, not 1\.5/],
    ['its type', 'DataCollator: {mlm: "true"}', /DataCollator\.mlm: mlm must be true or false/],
    ['its type', 'ModelConfig: [a]', /\.ModelConfig: ModelConfig must be a map/],
    ['its range', 'TrainingArguments: {num_train_epochs: 0}', /num_train_epochs must be a number above 0/],
  ];
  for (const [rule, body, expected, method] of faults) {
    it(`is refused by ${rule}: ${body}`, () => assert.match(trainingFault(body, method), expected));
  }

  it('must be a map under training_config', () => {
    for (const text of ['training_config: []', 'a: 1', '']) {
      const read = readTrainingConfig(text, 'lora');
      assert.ok(!read.ok, text);
    }
  });

  it('takes from the template what it does not say, but neither quantisation nor directory', () => {
    const text =
      'training_config: {LoraConfig: {r: 16}, QuantizationConfig: {load_in_8bit: true}, TrainingArguments: {seed: 1}}';
    const read = readTrainingConfig(text, 'qlora');
    assert.ok(read.ok, JSON.stringify(read));
    assert.equal(read.outputDirectory, '/mnt/output');
    assert.deepEqual(read.config['LoraConfig'], { r: 16, lora_alpha: 8, lora_dropout: 0 });
    assert.deepEqual(read.config['QuantizationConfig'], {
      load_in_8bit: true,
      bnb_4bit_quant_type: 'nf4',
      bnb_4bit_compute_dtype: 'bfloat16',
      bnb_4bit_use_double_quant: true,
    });
    assert.deepEqual(read.config['TrainingArguments'], {
      seed: 1,
      ddp_find_unused_parameters: false,
      save_strategy: 'no',
      per_device_train_batch_size: 1,
    });
    assert.deepEqual(read.config['DataCollator'], { mlm: true });
  });

  it('warns of bfloat16 on a GPU that has none, unless the config computes in another precision', () => {
    const tuning = {
      preset: { name: 'phi-4' },
      method: 'lora',
      config: 'mine',
      input: { urls: ['https://data.example/x'] },
      output: { volumeSource: { emptyDir: {} } },
    };
    const valid = workspace({ tuning, instanceType: 'Standard_NC6s_v3' });
    const remarks = (settings: string) => {
      const planned = planWorkspace(valid, { trainingConfig: `training_config: {ModelConfig: ${settings}}` });
      assert.ok(planned.ok, JSON.stringify(planned));
      return planned.plan.warnings.filter((warning) => warning.startsWith('tuning.config'));
    };
    assert.equal(remarks('{}').length, 1);
    assert.deepEqual(remarks('{torch_dtype: float16}'), []);
  });

  const directories: readonly [given: string, directory: string][] = [
    ['', '/mnt/output'],
    ['/mnt/results', '/mnt/results'],
    ['runs/one', '/mnt/runs/one'],
    ['/data', '/mnt/data'],
    ['/mnt/a/../b', '/mnt/b'],
  ];
  for (const [given, directory] of directories) {
    it(`writes to ${directory} for output_dir ${JSON.stringify(given)}`, () => {
      const text = `training_config: {TrainingArguments: {output_dir: ${JSON.stringify(given)}}}`;
      const read = readTrainingConfig(text, 'lora');
      assert.ok(read.ok, JSON.stringify(read));
      assert.equal(read.outputDirectory, directory);
    });
  }
});
