import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryFromHub, parseHubConfig, weightFiles } from '../../../shared/planning/hub-config.ts';
import { deriveModelFacts } from '../../../shared/planning/model-facts.ts';

const gibibyte = 2 ** 30;
const weights = { bytes: 10 * gibibyte, mistral: false };
const base = {
  architectures: ['LlamaForCausalLM'],
  max_position_embeddings: 8192,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
};
const read = (config: Record<string, unknown>, id = 'org/Model') => entryFromHub({ id, config, weights });
const facts = (config: Record<string, unknown>, id?: string) => deriveModelFacts(read(config, id));

describe("a model's config", () => {
  const spellings = {
    contextLimit: [
      'max_position_embeddings',
      'n_ctx',
      'seq_length',
      'max_seq_len',
      'max_sequence_length',
      'model_max_length',
    ],
    hiddenSize: ['hidden_size', 'n_embd', 'd_model', 'dim'],
    layers: ['num_hidden_layers', 'n_layer', 'n_layers'],
    attentionHeads: ['num_attention_heads', 'n_head', 'n_heads'],
    keyValueHeads: ['num_key_value_heads', 'n_head_kv', 'n_kv_heads'],
    headDim: ['head_dim', 'attention_head_dim'],
    kvLoraRank: ['kv_lora_rank'],
    qkRopeHeadDim: ['qk_rope_head_dim'],
  } as const;
  const fields: readonly (keyof typeof spellings)[] = [
    'contextLimit',
    'hiddenSize',
    'layers',
    'attentionHeads',
    'keyValueHeads',
    'headDim',
    'kvLoraRank',
    'qkRopeHeadDim',
  ];
  for (const field of fields) {
    it(`may name its ${field} in any known way, the first that holds a number counting`, () => {
      for (const [index, name] of spellings[field].entries()) {
        for (const value of [96, '96']) assert.equal(read({ [name]: value })[field], 96, name);
        const earlier = Object.fromEntries(spellings[field].slice(0, index).map((key) => [key, null]));
        const later = Object.fromEntries(spellings[field].slice(index + 1).map((key) => [key, 5]));
        assert.equal(read({ ...earlier, ...later, [name]: 96 })[field], 96, `${name} among others`);
        const odd = Object.fromEntries(spellings[field].slice(0, index).map((key) => [key, ['7']]));
        assert.equal(read({ ...odd, [name]: 96 })[field], 96, `${name} after no numbers`);
      }
    });
  }

  it('without a context has 2048 tokens', () => assert.equal(read({}).contextLimit, 2048));

  it('keeps its numbers one level down in text_config, else in llm_config, and its own come first', () => {
    assert.equal(read({ text_config: { n_layers: 3 }, llm_config: { n_layers: 4 } }).layers, 3);
    assert.equal(read({ text_config: 'none', llm_config: { n_layers: 4 } }).layers, 4);
    assert.equal(read({ n_layers: 2, text_config: { n_layers: 3 } }).layers, 2);
  });

  it('may hold Infinity and NaN, which count as nothing, but not within text', () => {
    const text = '{"n_ctx": NaN, "seq_length": -Infinity, "max_seq_len": 7, "note": "NaN \\"Infinity\\""}';
    assert.deepEqual(parseHubConfig(text), {
      n_ctx: null,
      seq_length: null,
      max_seq_len: 7,
      note: 'NaN "Infinity"',
    });
    for (const broken of ['', '[]', '"text"', '{', 'null']) assert.equal(parseHubConfig(broken), undefined);
  });

  it('has heads of hidden size over heads, whole, unless it says how large they are', () => {
    assert.equal(
      facts({ ...base, hidden_size: 100, num_attention_heads: 3 }).bytesPerToken,
      2 * 8 * 33 * 32 * 2,
    );
    assert.equal(facts({ ...base, head_dim: 64 }).bytesPerToken, 2 * 8 * 64 * 32 * 2);
    assert.equal(facts({ ...base, head_dim: 0 }).bytesPerToken, 2 * 8 * 128 * 32 * 2);
  });

  const attentions: readonly (readonly [
    changes: Record<string, unknown>,
    attention: string,
    elements: number,
  ])[] = [
    [{}, 'GQA', 2 * 8 * 128],
    [{ num_key_value_heads: 32 }, 'MHA', 2 * 32 * 128],
    [{ num_key_value_heads: 1 }, 'MQA', 2 * 128],
    [{ num_key_value_heads: 0 }, 'MHA', 2 * 32 * 128],
    [{ num_key_value_heads: null, multi_query: true }, 'MQA', 2 * 128],
    [{ kv_lora_rank: 512, qk_rope_head_dim: 64 }, 'MLA', 576],
    [{ kv_lora_rank: null, qk_rope_head_dim: 64 }, 'GQA', 2 * 8 * 128],
    [{ num_attention_heads: 0, num_key_value_heads: 0 }, 'Unknown', 0],
  ];
  for (const [changes, attention, elements] of attentions) {
    it(`with ${JSON.stringify(changes)} is of ${attention} attention`, () => {
      const made = facts({ ...base, ...changes });
      assert.deepEqual([made.attention, made.bytesPerToken], [attention, elements * 32 * 2]);
    });
  }

  it('without architectures is known by its name in two families of Mistral, and otherwise by none', () => {
    assert.deepEqual(read({}, 'mistralai/Mistral-Large-3-1B').architectures, ['MistralLarge3ForCausalLM']);
    assert.deepEqual(read({}, 'mistralai/Ministral-3-1B').architectures, [
      'Mistral3ForConditionalGeneration',
    ]);
    assert.deepEqual(read({ architectures: [] }, 'org/Model').architectures, []);
    assert.deepEqual(read(base, 'mistralai/Ministral-3-1B').architectures, ['LlamaForCausalLM']);
  });

  it("tells the quantisation, which makes the precision vLLM's own choice", () => {
    const config = { ...base, quantization_config: { quant_method: 'gptq', bits: 4 } };
    assert.deepEqual([read(config).quantMethod, read(config).quantBits], ['gptq', 4]);
    assert.equal(facts(config).vllmFlags['dtype'], 'auto');
    assert.equal(
      facts({ ...base, quantization_config: { quant_method: '' } }).vllmFlags['dtype'],
      'bfloat16',
    );
  });
});

describe("a model's weight files", () => {
  const sizes: readonly (readonly [bytes: number, weights: string])[] = [
    [27.31 * gibibyte, '27.31Gi'],
    [1.125 * gibibyte, '1.12Gi'],
    [1.375 * gibibyte, '1.38Gi'],
    [1, '0.00Gi'],
    [700.5 * gibibyte, '700.50Gi'],
  ];
  for (const [bytes, expected] of sizes) {
    it(`of ${bytes} bytes are written ${expected}, as Go would`, () => {
      const entry = entryFromHub({ id: 'org/Model', config: base, weights: { bytes, mistral: false } });
      assert.equal(entry.weights, expected);
    });
  }

  it('in folders count too, by what their path holds', () => {
    const files = [
      { path: 'original/consolidated.00.safetensors', size: 3 },
      { path: 'model.safetensors.index.json', size: 1 },
    ];
    assert.deepEqual(weightFiles(files), { bytes: 3, mistral: true });
    assert.deepEqual(weightFiles(files.slice(1)), { bytes: 1, mistral: false });
    assert.equal(weightFiles([{ path: 'model.gguf', size: 1 }]), undefined);
  });

  it('in the format of Mistral are loaded with its tokenizer and config', () => {
    const entry = entryFromHub({ id: 'org/Model', config: base, weights: { bytes: 1, mistral: true } });
    const { load_format, config_format, tokenizer_mode } = deriveModelFacts(entry).vllmFlags;
    assert.deepEqual([load_format, config_format, tokenizer_mode], ['mistral', 'mistral', 'mistral']);
  });
});

describe("a model's parsers and templates", () => {
  const models: readonly (readonly [
    id: string,
    architecture: string,
    tool: string,
    reasoning: string,
    template: string,
  ])[] = [
    ['qwen/Qwen3-Coder-30B', 'Qwen3MoeForCausalLM', 'qwen3_xml', 'qwen3', ''],
    ['qwen/Qwen3-1B', 'Qwen3ForCausalLM', 'hermes', 'qwen3', ''],
    ['qwen/Qwen3.5-1B', 'Qwen3_5ForConditionalGeneration', 'qwen3_coder', 'qwen3', ''],
    ['me/my-tune', 'Qwen3ForCausalLM', 'hermes', 'qwen3', ''],
    ['me/my-tune', 'Phi3ForCausalLM', '', '', ''],
    [
      'deepseek-ai/DeepSeek-V3.1',
      'DeepseekV3ForCausalLM',
      'deepseek_v31',
      'deepseek_v3',
      'tool-chat-deepseekv3.jinja',
    ],
    ['meta/Llama-3.2-1B', 'LlamaForCausalLM', 'llama3_json', '', 'tool-chat-llama3.1-json.jinja'],
    ['zai/GLM-4.7-Air', 'Glm4MoeForCausalLM', 'glm47', 'glm45', ''],
    ['mistralai/Mistral-7B-v0.3', 'MistralForCausalLM', 'mistral', '', ''],
    ['mistralai/Mistral-Nemo', 'MistralForCausalLM', 'mistral', 'mistral', ''],
  ];
  for (const [id, architecture, tool, reasoning, template] of models) {
    it(`come from its name, the longest beginning first, else from its architecture: ${id} (${architecture})`, () => {
      const made = facts({ ...base, architectures: [architecture] }, id);
      assert.deepEqual(
        [made.toolCallParser, made.reasoningParser, made.chatTemplate],
        [tool, reasoning, template],
      );
      assert.equal(made.vllmFlags['enable-auto-tool-choice'], tool === '' ? undefined : '');
    });
  }

  const flags: readonly (readonly [id: string, flag: string, value: string])[] = [
    ['x/deepseek-r1-0', 'tokenizer_mode', 'deepseek_v32'],
    ['x/deepseek-v4-x', 'tokenizer_mode', 'deepseek_v4'],
    ['x/deepseek-v4-x', 'kv-cache-dtype', 'fp8'],
    ['x/glm-5.2-fp8', 'kv-cache-dtype', 'fp8'],
    ['x/qwen3.6-9b', 'gdn-prefill-backend', 'triton'],
    ['x/minimax-m2.1', 'enable-expert-parallel', ''],
    ['x/deepseek-v3.2-exp', 'kernel-config.enable_flashinfer_autotune', 'False'],
  ];
  for (const [id, flag, value] of flags) {
    it(`go with the flag of its family: ${id} has --${flag}=${value}`, () => {
      assert.equal(facts(base, id).vllmFlags[flag], value);
      if (flag !== 'tokenizer_mode') assert.equal(facts(base).vllmFlags[flag], undefined);
    });
  }
});

describe('what a node must have for a model', () => {
  const timeouts: readonly (readonly [gibibytes: number, seconds: number, disk: number])[] = [
    [1, 1800, 81],
    [50, 1800, 130],
    [50.5, 1809, 130],
    [61.03, 1998.5, 141],
    [549.99, 10799.8, 629],
    [700, 10800, 780],
  ];
  for (const [gibibytes, seconds, disk] of timeouts) {
    it(`of ${gibibytes} GiB is ${seconds} s of patience and ${disk} GiB of disk`, () => {
      const entry = { ...read(base), weights: `${gibibytes}Gi` };
      const { readinessTimeoutSeconds, diskGiB } = deriveModelFacts(entry);
      assert.deepEqual([readinessTimeoutSeconds, diskGiB], [seconds, disk]);
    });
  }

  it('of unknown size is 30 minutes and 80 GiB', () => {
    const { readinessTimeoutSeconds, diskGiB, weightBytes } = deriveModelFacts({
      ...read(base),
      weights: '',
    });
    assert.deepEqual([readinessTimeoutSeconds, diskGiB, weightBytes], [1800, 80, 0]);
  });
});
