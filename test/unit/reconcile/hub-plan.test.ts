import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Retryable, Terminal } from '../../../shared/errors/slipway-error.ts';
import { pinnedModel } from '../../../shared/reconcile/hub-model.ts';
import { createHubFetcher } from '../../../shared/reconcile/hub-fetcher.ts';
import type { Plan } from '../../../shared/planning/plan.ts';
import type { RungOrder } from '../../../shared/reconcile/plan-rung.ts';
import { planRung } from '../../../shared/reconcile/plan-rung.ts';
import { document } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

const gibibyte = 2 ** 30;
const config = {
  architectures: ['LlamaForCausalLM'],
  max_position_embeddings: 8192,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
};

interface Page {
  status: number;
  body?: unknown;
  link?: string;
}

/** A Hub with `org/Open` (two pages of files), `org/Gated`, `org/Busy` and `org/Strange`. */
function pageAt(url: URL, authorization: string | undefined): Page {
  const [, model = '', rest = ''] =
    /^\/(?:api\/models\/)?(org\/\w+)(.*)$/.exec(`${url.pathname}${url.search}`) ?? [];
  if (model === 'org/Busy') return { status: 503 };
  if (model === 'org/Gated' && authorization !== 'Bearer hf_secret')
    return { status: authorization === undefined ? 401 : 403 };
  if (!['org/Open', 'org/Gated', 'org/Strange'].includes(model)) return { status: 404 };
  if (rest === '') return { status: 200, body: { sha: 'c0ffee' } };
  if (rest.startsWith('/resolve/c0ffee/config.json')) {
    const strange = { ...config, architectures: ['LlamaForCausalLN'] };
    return { status: 200, body: model === 'org/Strange' ? strange : config };
  }
  if (!rest.startsWith('/tree/c0ffee?')) return { status: 404 };
  if (url.searchParams.has('cursor'))
    return { status: 200, body: [{ path: 'model-2.safetensors', size: 90 * gibibyte }] };
  const link = `<https://huggingface.co${url.pathname}?recursive=true&cursor=2>; rel="next"`;
  return { status: 200, body: [{ path: 'model-1.safetensors', size: 10 * gibibyte }], link };
}

/** Over loopback HTTP; `org/Silent` is never answered. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://hub.example');
  if (url.pathname.includes('org/Silent')) return;
  const { status, body = {}, link } = pageAt(url, request.headers.authorization);
  response.writeHead(status, link === undefined ? {} : { link }).end(JSON.stringify(body));
}

const server = createServer(answer);
let world: FakeWorld;

/** Plans a Workspace for a model, as the activity does. */
async function planned(preset: string, secret?: string) {
  const inference = { preset: { name: preset, presetOptions: secret && { modelAccessSecret: secret } } };
  const given = document({ name: preset.replaceAll(/\W/g, '-').toLowerCase(), inference });
  const { value } = await world.records.create({
    ...given,
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { namespace: 'default', name: preset.replaceAll(/\W/g, '-').toLowerCase() },
  });
  const { namespace, name, uid, resourceVersion } = value.metadata;
  return planOf({ cluster: 'main', namespace, name, uid, resourceVersion });
}

async function planOf(order: RungOrder): Promise<Plan> {
  const { plan } = await planRung(world.services, order);
  return plan ?? assert.fail('no rung can be had');
}

describe('planning a model outside the catalogue', () => {
  before(
    () =>
      new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      }),
  );
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function newWorld(timeoutSeconds?: number): void {
    world = new FakeWorld();
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const fetcher = createHubFetcher(fetch);
    world.hub = (url, options) =>
      fetcher(url.replace('https://huggingface.co', `http://127.0.0.1:${address.port}`), {
        ...options,
        timeoutSeconds: timeoutSeconds ?? options.timeoutSeconds,
      });
  }

  it('reads every page of its files and pins the revision', async () => {
    newWorld();
    const made = await planned('org/Open');
    assert.deepEqual(
      [made.model?.id, made.model?.weights, made.model?.revision, made.nodeCount, made.diskGiB],
      ['org/open', '100.00Gi', 'c0ffee', 2, 180],
    );
  });

  it('keeps to the commit of its first plan while main moves on', async () => {
    newWorld();
    const first = await planned('org/Open');
    const [record] = (await world.records.list()).value.items;
    assert.ok(record);
    const status = { slipway: { phase: 'Ready', phaseSince: '2026-03-01T08:00:00.000Z', plan: first } };
    const { metadata } = await world.records.replaceStatus({ ...record, status });
    const asked: string[] = [];
    const answered = world.hub;
    world.hub = (url, options) => {
      asked.push(url);
      return answered(url, options);
    };
    const { namespace, name, uid, resourceVersion } = metadata;
    const again = await planOf({ cluster: 'main', namespace, name, uid, resourceVersion });
    assert.deepEqual(again.model, first.model);
    assert.ok(asked.length > 0 && asked.every((url) => url.includes('/c0ffee')), asked.join(' '));
  });

  it('has no pin from the plan of another model, or of none', async () => {
    newWorld();
    const first = await planned('org/Open');
    const [record] = (await world.records.list()).value.items;
    assert.ok(record);
    const slipway = { phase: 'Ready', phaseSince: '2026-03-01T08:00:00.000Z', plan: first };
    const after = { ...record, status: { slipway } };
    assert.deepEqual(pinnedModel(after, 'ORG/open'), { id: 'ORG/open', revision: 'c0ffee' });
    assert.deepEqual(pinnedModel(after, 'org/Other'), { id: 'org/Other' });
    assert.deepEqual(pinnedModel(record, 'org/Open'), { id: 'org/Open' });
  });

  it('opens a gated one with the token of the Secret that the Workspace names', async () => {
    newWorld();
    world.workloads.secrets.set('default/hub-token/HF_TOKEN', 'hf_secret\n');
    const made = await planned('org/Gated', 'hub-token');
    assert.equal(made.model?.id, 'org/gated');
    assert.ok(!JSON.stringify(made).includes('hf_secret'));
  });

  const failures: readonly [
    name: string,
    preset: string,
    secret: string | undefined,
    code: string,
    told: RegExp,
  ][] = [
    ['it is unknown', 'org/Unknown', undefined, 'ModelNotFound', /status 404/],
    ['it is gated and no token is named', 'org/Gated', undefined, 'ModelGated', /authentication required/],
    ['the token may not read it', 'org/Gated', 'wrong', 'ModelGated', /status 403/],
    ['the Secret is not there', 'org/Gated', 'absent', 'ModelAccessSecretMissing', /no Secret absent/],
    ['vLLM does not serve it', 'org/Strange', undefined, 'ArchitectureNotSupported', /LlamaForCausalLN/],
  ];
  for (const [name, preset, secret, code, told] of failures) {
    it(`fails for good, with a remedy, when ${name}`, async () => {
      newWorld();
      world.workloads.secrets.set('default/wrong/HF_TOKEN', 'hf_wrong');
      await assert.rejects(planned(preset, secret), (error) => {
        assert.ok(
          error instanceof Terminal && error.code === code && told.test(error.message),
          String(error),
        );
        assert.ok(error.remedy !== undefined && !`${error.message} ${error.remedy}`.includes('hf_wrong'));
        return true;
      });
    });
  }

  it('says how to allow the Secret to be read', async () => {
    newWorld();
    const message = 'cannot read Secret default/hub-token';
    world.workloads.readSecret = () =>
      Promise.reject(new Terminal('Forbidden', { message, remedy: 'a role' }));
    await assert.rejects(planned('org/Gated', 'hub-token'), {
      code: 'ModelAccessSecretForbidden',
      message,
      remedy: /--resource-name=hub-token/,
    });
  });

  it('names the nearest architecture that is served', async () => {
    newWorld();
    await assert.rejects(planned('org/Strange'), { remedy: /llamaForCausalLM$/i });
  });

  it('is tried again when the Hub is busy, silent or not there', async () => {
    newWorld(0.2);
    await assert.rejects(planned('org/Busy'), Retryable);
    await assert.rejects(planned('org/Silent'), Retryable);
    world.hub = createHubFetcher(() => Promise.reject(new TypeError('fetch failed')));
    await assert.rejects(planned('org/Open'), Retryable);
  });

  it('asks the Hub nothing for a preset of the catalogue', async () => {
    newWorld();
    world.hub = () => assert.fail('the Hub was asked');
    assert.equal((await planned('microsoft/phi-4')).nodeCount, 1);
  });
});

describe('an answer of the Hub', () => {
  it('that never ends is given up', async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
    });
    const fetcher = createHubFetcher(() => Promise.resolve(new Response(endless)));
    await assert.rejects(fetcher('https://hub.example', { token: undefined, timeoutSeconds: 5 }), RangeError);
  });
});
