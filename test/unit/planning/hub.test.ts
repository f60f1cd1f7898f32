import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { models } from '../../../presets/catalogue.ts';
import { readHubModel, type HubFetcher } from '../../../shared/planning/hub.ts';
import { deriveModelFacts } from '../../../shared/planning/model-facts.ts';
import { renderInference } from '../../../shared/manifests/inference.ts';
import { planWorkspace, type PlanContext } from '../../../shared/planning/plan.ts';
import { Retryable, Terminal } from '../../../shared/errors/slipway-error.ts';
import { workspace } from './workspaces.ts';

const gibibyte = 2 ** 30;
const llama = {
  architectures: ['LlamaForCausalLM'],
  max_position_embeddings: 8192,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: '8',
};

interface Repository {
  files?: Record<string, number>;
  config?: string | object;
  params?: object;
  sha?: string;
  gated?: boolean;
  status?: number;
}

/** A Hub with one repository, `org/Model`, that answers as the real one does. With `sha`, its files are at that commit and nowhere else. */
function hub(repository: Repository): HubFetcher {
  const {
    files = { 'model.safetensors': 10 * gibibyte },
    config = llama,
    params,
    sha,
    gated = false,
    status,
  } = repository;
  return (url, { token }) => {
    const path = url.replace('https://huggingface.co', '');
    if (status !== undefined) return Promise.resolve({ status, body: '' });
    if (gated && token !== 'hf_secret')
      return Promise.resolve({ status: token === undefined ? 401 : 403, body: '' });
    const at = sha ?? 'main';
    const pages: Record<string, string | undefined> = {
      [`/api/models/org/Model/tree/${at}?recursive=true`]: JSON.stringify(
        Object.entries(files).map(([name, size]) => ({ type: 'file', path: name, size })),
      ),
      [`/org/Model/resolve/${at}/config.json`]:
        typeof config === 'string' ? config || undefined : JSON.stringify(config),
      [`/org/Model/resolve/${at}/params.json`]: params && JSON.stringify(params),
      '/api/models/org/Model': sha && JSON.stringify({ sha }),
    };
    const body = pages[path];
    return Promise.resolve(body === undefined ? { status: 404, body: '' } : { status: 200, body });
  };
}

/** The shell line that serves a model on one A100. */
function commandFor(found: PlanContext, preset = 'org/Model', annotations = {}): string {
  const given = workspace({ preset, annotations });
  const planned = planWorkspace(given, found);
  assert.ok(planned.ok, JSON.stringify(planned));
  const objects = renderInference(given, planned.plan, { ownerUid: 'u', localNvmeStorageClass: false });
  const served = objects.find((object) => object.kind === 'StatefulSet');
  assert.ok(
    served !== undefined && 'spec' in served && served.spec !== undefined && 'serviceName' in served.spec,
  );
  return served.spec.template.spec?.containers[0]?.command?.[2] ?? '';
}

const read = async (repository: Repository) =>
  (await readHubModel('org/Model', { fetch: hub(repository) })).facts;

describe('a model outside the catalogue', () => {
  it('is planned from its files and its config at the commit that main points to', async () => {
    const { facts, revision } = await readHubModel('org/Model', { fetch: hub({ sha: 'abc123' }) });
    assert.equal(revision, 'abc123');
    assert.deepEqual(
      [facts.id, facts.shortName, facts.weights, facts.contextLimit, facts.attention],
      ['org/model', 'model', '10.00Gi', 8192, 'GQA'],
    );
    assert.equal(facts.bytesPerToken, 2 * 8 * 128 * 32 * 2);
    assert.deepEqual([facts.diskGiB, facts.toolCallParser], [90, 'llama3_json']);
    const result = planWorkspace(workspace({ preset: 'org/Model' }), { model: facts });
    assert.ok(result.ok);
    assert.equal(result.plan.nodeCount, 1);
  });

  it('is served at the commit it was planned from, by either runtime', async () => {
    const found = await readHubModel('org/Model', { fetch: hub({ sha: 'abc123' }) });
    const { facts, revision: modelRevision = '' } = found;
    assert.match(commandFor({ model: facts, modelRevision }), / --model=org\/model --revision=abc123 /);
    const phi = { ...facts, id: 'org/phi-4', shortName: 'phi-4' };
    const transformers = { 'kaito.sh/runtime': 'transformers' };
    assert.match(
      commandFor({ model: phi, modelRevision }, 'org/phi-4', transformers),
      /^accelerate .* --revision=abc123 /,
    );
    const local = { 'kaito.sh/use-local-weights': 'true' };
    assert.doesNotMatch(commandFor({ model: facts, modelRevision }, 'org/Model', local), /revision/);
    assert.doesNotMatch(commandFor({}, 'phi-4'), /revision/, 'as in KAITO');
  });

  for (const sha of ['', 'main; rm -rf /', '../x', 5]) {
    it(`is read at main when the Hub names no commit: ${JSON.stringify(sha)}`, async () => {
      const whole = hub({});
      const odd: HubFetcher = (url, options) =>
        url.endsWith('/org/Model')
          ? Promise.resolve({ status: 200, body: JSON.stringify({ sha }) })
          : whole(url, options);
      assert.equal((await readHubModel('org/Model', { fetch: odd })).revision, undefined);
    });
  }

  it('is tried again, rather than served unpinned, when the Hub cannot tell the commit just now', async () => {
    const whole = hub({});
    const busy: HubFetcher = (url, options) =>
      url.endsWith('/org/Model') ? Promise.resolve({ status: 503, body: '' }) : whole(url, options);
    await assert.rejects(readHubModel('org/Model', { fetch: busy }), { code: 'HubUnavailable' });
  });

  it('gets the facts of the catalogue when the Hub says the same', async () => {
    const known = models.find(({ id }) => id === 'microsoft/phi-4');
    assert.ok(known);
    const config = {
      architectures: known.architectures,
      max_position_embeddings: known.contextLimit,
      hidden_size: known.hiddenSize,
      num_hidden_layers: known.layers,
      num_attention_heads: known.attentionHeads,
      num_key_value_heads: known.keyValueHeads,
    };
    const facts = await read({ config, files: { 'a.safetensors': 27.31 * gibibyte } });
    assert.deepEqual({ ...facts, id: known.id, shortName: 'phi-4' }, { ...deriveModelFacts(known) });
  });

  it('counts its weights once: consolidated files, else safetensors, else PyTorch files', async () => {
    const all = {
      'consolidated.safetensors': gibibyte,
      'model-1.safetensors': 2 * gibibyte,
      'pytorch_model.bin': 4 * gibibyte,
      'README.md': 9,
    };
    const mistral = await read({ files: all });
    assert.deepEqual(
      [mistral.weights, mistral.vllmFlags['load_format'], mistral.vllmFlags['tokenizer_mode']],
      ['1.00Gi', 'mistral', 'mistral'],
    );
    const { 'consolidated.safetensors': _consolidated, ...rest } = all;
    assert.equal((await read({ files: rest })).weights, '2.00Gi');
    assert.equal((await read({ files: { 'pytorch_model.bin': 4 * gibibyte } })).weights, '4.00Gi');
  });

  it('has the files of every page, on the same host only', async () => {
    const whole = hub({});
    const paged =
      (link: (page: number) => string | undefined): HubFetcher =>
      async (url, options) => {
        if (!url.includes('/tree/main')) return whole(url, options);
        const page = Number(new URL(url).searchParams.get('page') ?? 1);
        const body = JSON.stringify([{ path: `model-${page}.safetensors`, size: gibibyte }]);
        const next = link(page);
        return { status: 200, body, ...(next === undefined ? {} : { link: next }) };
      };
    const path = '/api/models/org/Model/tree/main?recursive=true&page=';
    const weights = async (link: (page: number) => string | undefined) =>
      (await readHubModel('org/Model', { fetch: paged(link) })).facts.weights;
    assert.equal(
      await weights((page) => (page < 3 ? `<${path}${page + 1}>; rel="next"` : undefined)),
      '3.00Gi',
    );
    assert.equal(
      await weights((page) => `<https://elsewhere.example${path}${page + 1}>; rel="next"`),
      '1.00Gi',
    );
    await assert.rejects(
      weights((page) => `<${path}${page + 1}>; rel="next"`),
      { code: 'ModelListingTooLong' },
    );
  });

  it('may keep its numbers one level down, in params.json, or beside literals that JSON lacks', async () => {
    const { architectures, ...numbers } = llama;
    assert.equal(
      (await read({ config: { architectures, text_config: { ...numbers, num_hidden_layers: 7 } } }))
        .bytesPerToken,
      2 * 8 * 128 * 7 * 2,
    );
    const params = { dim: 64, n_layers: 2, n_heads: 4, n_kv_heads: 2, max_seq_len: 99 };
    const facts = await read({ config: '', params, files: { 'consolidated.safetensors': gibibyte } });
    assert.deepEqual([facts.contextLimit, facts.bytesPerToken], [99, 2 * 2 * 16 * 2 * 2]);
    const python = JSON.stringify({ ...llama, note: 'NaN is kept in text' }).replace('8192', '-Infinity');
    assert.equal((await read({ config: python })).contextLimit, 2048);
  });

  it('of latent or multi-query attention has its own cache size', async () => {
    assert.equal(
      (await read({ config: { ...llama, kv_lora_rank: 512, qk_rope_head_dim: 64 } })).bytesPerToken,
      576 * 32 * 2,
    );
    const { num_key_value_heads: _heads, ...without } = llama;
    assert.equal((await read({ config: { ...without, multi_query: true } })).attention, 'MQA');
    assert.equal((await read({ config: without })).attention, 'MHA');
  });

  it('that is quantised runs with dtype auto', async () => {
    const facts = await read({ config: { ...llama, quantization_config: { quant_method: 'awq', bits: 4 } } });
    assert.deepEqual([facts.quantization, facts.vllmFlags['dtype']], ['awq', 'auto']);
  });

  const failures: readonly [name: string, repository: Repository, code: string, message: RegExp][] = [
    [
      'is gated',
      { gated: true },
      'ModelGated',
      /authentication required for accessing https:\/\/huggingface.co\/api\/models\/org\/Model/,
    ],
    ['is unknown', { status: 404 }, 'ModelNotFound', /status 404/],
    [
      'has no weights',
      { files: { 'README.md': 5 } },
      'ModelWithoutWeights',
      /no .safetensors or .bin files found/,
    ],
    ['has no config', { config: '' }, 'ModelNotFound', /config.json: status 404/],
    ['has a broken config', { config: '{' }, 'ModelConfigUnreadable', /not a JSON object/],
    [
      'has an architecture vLLM does not serve',
      { config: { ...llama, architectures: ['LlamaForCausalLN'] } },
      'ArchitectureNotSupported',
      /unsupported model architecture for org\/Model: LlamaForCausalLN/,
    ],
  ];
  for (const [name, repository, code, message] of failures) {
    it(`fails for good when it ${name}`, async () => {
      await assert.rejects(
        read(repository),
        (error) => error instanceof Terminal && error.code === code && message.test(error.message),
      );
    });
  }

  it('may be misspelt when the Hub asks for a token', async () => {
    await assert.rejects(read({ gated: true }), (error) => {
      assert.ok(error instanceof Terminal);
      assert.match(error.remedy ?? '', /check the spelling .* name a Secret with HF_TOKEN/);
      return true;
    });
  });

  it('is told the nearest architecture that vLLM serves', async () => {
    await assert.rejects(read({ config: { ...llama, architectures: ['Phi3ForCausalM'] } }), {
      remedy: 'the nearest that vLLM serves is Phi3ForCausalLM',
    });
  });

  it('is tried again when the Hub is overloaded or does not answer', async () => {
    for (const status of [429, 500, 503]) await assert.rejects(read({ status }), Retryable);
    const silent: HubFetcher = () => Promise.reject(new Error('timed out'));
    await assert.rejects(readHubModel('org/Model', { fetch: silent }), Retryable);
  });

  it('is asked for with the token and 30 seconds of patience each time, wherever the Hub is', async () => {
    const whole = hub({});
    const asked: string[] = [];
    const watched: HubFetcher = (url, options) => {
      asked.push(url);
      assert.deepEqual(options, { token: 'hf_secret', timeoutSeconds: 30 });
      return whole(url.replace('https://mirror.example/hf', 'https://huggingface.co'), options);
    };
    const endpoint = 'https://mirror.example/hf';
    await readHubModel('org/Model', { fetch: watched, token: 'hf_secret', endpoint });
    assert.equal(asked.length, 3);
    assert.ok(asked.every((url) => url.startsWith(`${endpoint}/`)));
  });

  it('without an architecture is given the benefit of the doubt', async () => {
    const { architectures: _none, ...config } = llama;
    assert.deepEqual((await read({ config })).architectures, []);
    const several = { ...llama, architectures: ['MyOwn', 'LlamaForCausalLM'] };
    assert.deepEqual((await read({ config: several })).architectures, ['MyOwn', 'LlamaForCausalLM']);
  });

  it('opens with a token, which no error repeats', async () => {
    const open = await readHubModel('org/Model', { fetch: hub({ gated: true }), token: 'hf_secret' });
    assert.equal(open.facts.id, 'org/model');
    await assert.rejects(
      readHubModel('org/Model', { fetch: hub({ gated: true }), token: 'hf_wrong' }),
      (error) =>
        error instanceof Terminal &&
        error.code === 'ModelGated' &&
        !JSON.stringify([error.message, error.remedy]).includes('hf_wrong'),
    );
  });

  for (const id of ['../etc', 'a/..', 'a', 'a/b/c', 'a/b?x', './b']) {
    it(`cannot be named ${id}`, async () => {
      await assert.rejects(readHubModel(id, { fetch: hub({}) }), { code: 'ModelNotFound' });
    });
  }
});
