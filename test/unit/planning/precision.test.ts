import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { presetNames, resolvePreset } from '../../../shared/planning/resolve-preset.ts';
import { precisionFor } from '../../../shared/planning/precision.ts';
import { plan, refusal } from './workspaces.ts';

function factsOf(name: string) {
  const resolution = resolvePreset(name);
  assert.ok(resolution.kind === 'known', name);
  return resolution.facts;
}

/** Everything of the catalogue that vLLM's tables keep off a T4, with the reason. */
const refusedOnT4: readonly (readonly [model: string, reason: RegExp])[] = [
  ['gemma-3-4b-instruct', /bfloat16 only/],
  ['gemma-3-27b-instruct', /bfloat16 only/],
  ['gpt-oss-20b', /mxfp4 weights\) needs a GPU of compute capability 8.0; this one has 7.5/],
  ['deepseek-ai/deepseek-v3.2', /fp8 weights\) needs a GPU of compute capability 8.0/],
  ['mistral-large-3-675b-instruct', /float-quantized weights\) needs a GPU of compute capability 8.0/],
];
const float16OnT4 = [
  'phi-4',
  'phi-3-mini-4k-instruct',
  'llama-3.1-8b-instruct',
  'mistral-7b-instruct',
  'google/gemma-4-e2b-it',
  'qwen/qwen3-8b-awq',
  'ministral-3-3b-instruct',
  'qwen/qwen3.5-122b-a10b-gptq-int4',
];

describe('the precision of a model', () => {
  it('is what KAITO asks for on Ampere and newer, whatever the model', () => {
    for (const name of presetNames()) {
      const model = factsOf(name);
      for (const computeCapability of [8, 8.6, 9, undefined]) {
        const gpu = computeCapability === undefined ? {} : { computeCapability };
        assert.deepEqual(precisionFor(model, gpu), { ok: true, dtype: model.vllmFlags['dtype'] }, name);
      }
    }
  });

  it('is float16 or none at all before Ampere, never bfloat16', () => {
    for (const name of presetNames()) {
      for (const computeCapability of [7, 7.5]) {
        const precision = precisionFor(factsOf(name), { computeCapability });
        assert.ok(!precision.ok || precision.dtype === 'float16', name);
      }
    }
  });

  for (const name of float16OnT4) {
    it(`is float16 on a T4: ${name}`, () => {
      const precision = precisionFor(factsOf(name), { computeCapability: 7.5 });
      assert.deepEqual(precision.ok && precision.dtype, 'float16');
    });
  }

  for (const [name, reason] of refusedOnT4) {
    it(`is none on a T4, and sizes that fit are named: ${name}`, () => {
      const [fault] = refusal({ preset: name, instanceType: 'Standard_NC64as_T4_v3' }).faults;
      assert.match(fault?.message ?? '', reason);
      assert.equal(fault?.field, 'resource.instanceType');
      assert.match(fault.remedy ?? '', /^cheapest that fit: Standard_\w+ \(\d nodes?\)/);
      assert.doesNotMatch(fault.remedy ?? '', /T4|_v3 /, 'what is named must fit');
    });
  }

  it('tells AWQ and FP8 weights, which Turing can compute with and Volta cannot', () => {
    for (const [name, quantization] of [
      ['qwen/qwen3-8b-awq', 'awq'],
      ['ministral-3-3b-instruct', 'fp8'],
    ] as const) {
      const precision = precisionFor(factsOf(name), { computeCapability: 7 });
      const told = new RegExp(`${quantization} weights\\) needs .* 7.5; this one has 7.0`);
      assert.match(precision.ok ? '' : precision.message, told);
    }
  });

  const architectures: readonly (readonly [architecture: string, float16: boolean])[] = [
    ['Gemma2ForCausalLM', false],
    ['Gemma3ForCausalLM', false],
    ['Gemma3ForConditionalGeneration', false],
    ['Plamo2ForCausalLM', false],
    ['Glm4ForCausalLM', false],
    ['Gemma3nForConditionalGeneration', true],
    ['Gemma4ForConditionalGeneration', true],
    ['GemmaForCausalLM', true],
    ['Glm4MoeForCausalLM', true],
    ['Phi3ForCausalLM', true],
  ];
  for (const [architecture, float16] of architectures) {
    it(`of ${architecture} ${float16 ? 'may' : 'cannot'} be float16, as vLLM has it`, () => {
      const model = { ...factsOf('phi-4'), architectures: [architecture] };
      assert.equal(precisionFor(model, { computeCapability: 7.5 }).ok, float16);
    });
  }

  const quantisations: readonly (readonly [method: string, lowest: number])[] = [
    ['', 7],
    ['gptq', 7],
    ['bitsandbytes', 7],
    ['AWQ', 7.5],
    ['fp8', 7.5],
    ['mxfp4', 8],
    ['compressed-tensors', 8],
  ];
  for (const [quantization, lowest] of quantisations) {
    it(`of ${quantization || 'plain'} weights takes compute capability ${lowest}`, () => {
      const model = { ...factsOf('phi-4'), quantization };
      for (const computeCapability of [6.1, 7, 7.5, 8])
        assert.equal(precisionFor(model, { computeCapability }).ok, computeCapability >= lowest);
    });
  }

  it('says that the serving image may not start on Volta', () => {
    const volta = plan({ preset: 'phi-4', instanceType: 'Standard_NC12s_v3' }).warnings.join('\n');
    assert.match(volta, /float16.*may not start on it, its builds begin at compute capability 7.5/);
    const turing = plan({ preset: 'phi-3-mini-4k-instruct', instanceType: 'Standard_NC4as_T4_v3' });
    assert.doesNotMatch(turing.warnings.join('\n'), /may not start/);
  });
});
