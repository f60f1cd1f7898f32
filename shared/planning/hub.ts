import { supportedArchitectures } from '../../presets/catalogue.ts';
import { Retryable, Terminal } from '../errors/slipway-error.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';
import { suggest } from '../workspace/schema/suggest.ts';
import { entryFromHub, parseHubConfig, weightFiles } from './hub-config.ts';
import { deriveModelFacts, type ModelFacts } from './model-facts.ts';

/**
 * Fetches one address of the Hugging Face Hub. Given by the caller: planning itself touches no network.
 * A failure to get any answer is thrown; every HTTP status is returned, with the Link header where there is one.
 */
export type HubFetcher = (
  url: string,
  options: { token: string | undefined; timeoutSeconds: number },
) => Promise<HubAnswer>;

export interface HubAnswer {
  status: number;
  body: string;
  /** The header `Link`, which names the next page of a long list. */
  link?: string;
}

export interface HubOptions {
  fetch: HubFetcher;
  /** Access token for gated models; never appears in errors. */
  token?: string;
  /** Another Hub, for mirrors and tests. */
  endpoint?: string;
  /** The commit to read, where one is pinned already; otherwise the one that `main` points to. */
  revision?: string;
}

/** Facts of a model, with the commit they were read at (undefined when the Hub names none: then they are those of `main`). */
export interface HubFacts {
  facts: ModelFacts;
  revision?: string;
}

const hub = 'https://huggingface.co';
const timeoutSeconds = 30;

/**
 * Reads what planning needs of a model outside the catalogue: its files and its config, both at one commit, so that they belong together
 * and can be served as they were read. Source: reference, c.4.
 * @throws Terminal ModelNotFound, ModelGated, ModelListingTooLong, ModelWithoutWeights, ModelConfigUnreadable, ArchitectureNotSupported
 * @throws Retryable HubUnavailable
 */
export async function readHubModel(id: string, options: HubOptions): Promise<HubFacts> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(id) || /(^|\/)\.+(\/|$)/.test(id)) {
    throw new Terminal('ModelNotFound', {
      message: `${id} is not a Hugging Face model id`,
      remedy: 'write org/model',
    });
  }
  const base = options.endpoint ?? hub;
  const revision = commitIn(options.revision) ?? (await readRevision(`${base}/api/models/${id}`, options));
  const at = revision ?? 'main';
  const weights = weightFiles(await listFiles(`${base}/api/models/${id}/tree/${at}?recursive=true`, options));
  if (weights === undefined) {
    const message = `no .safetensors or .bin files found in ${id}`;
    throw new Terminal('ModelWithoutWeights', {
      message,
      remedy: 'name a repository that holds weights vLLM can load',
    });
  }
  const config = await readConfig(`${base}/${id}/resolve/${at}`, weights.mistral, options);
  const entry = entryFromHub({ id, config, weights });
  refuseUnsupported(id, entry.architectures);
  const facts = deriveModelFacts(entry);
  return revision === undefined ? { facts } : { facts, revision };
}

/** A repository of a thousand files has several pages. */
const mostPages = 50;

/** Every file of a repository, page by page. The next page is asked for on the same host only: a token goes with it. */
async function listFiles(first: string, options: HubOptions): Promise<{ path: string; size: number }[]> {
  const files: { path: string; size: number }[] = [];
  let url: string | undefined = first;
  for (let page = 0; url !== undefined && page < mostPages; page += 1) {
    const { body, link }: HubAnswer = await get(url, options);
    files.push(...filesOf(body));
    url = nextPage(url, link);
  }
  if (url !== undefined) {
    throw new Terminal('ModelListingTooLong', {
      message: `${first} has more than ${mostPages} pages of files`,
      remedy: 'name a repository that holds one model',
    });
  }
  return files;
}

function nextPage(url: string, link = ''): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link)?.[1];
  const next = target === undefined ? null : URL.parse(target, url);
  return next?.origin === new URL(url).origin ? next.href : undefined;
}

function filesOf(body: string): { path: string; size: number }[] {
  const listed: unknown = parsed(body);
  if (!Array.isArray(listed)) return [];
  return listed
    .filter(isJsonObject)
    .flatMap(({ path, size }) =>
      typeof path === 'string' && typeof size === 'number' ? [{ path, size }] : [],
    );
}

/** The model's config; repositories in Mistral's format may have `params.json` alone. */
async function readConfig(folder: string, mistral: boolean, options: HubOptions): Promise<JsonObject> {
  const answer = await ask(`${folder}/config.json`, options);
  const file =
    mistral && answer.status === 404
      ? await get(`${folder}/params.json`, options)
      : accepted(`${folder}/config.json`, answer, options);
  const config = parseHubConfig(file.body);
  if (config === undefined) {
    throw new Terminal('ModelConfigUnreadable', {
      message: `the config of the model at ${folder} is not a JSON object`,
      remedy: 'name a repository that transformers or Mistral tools can read',
    });
  }
  return config;
}

/**
 * The commit that `main` points to. A model that is not there or not open is told of by its files, which say more; a Hub that names no
 * commit (a mirror) is read at `main`.
 */
async function readRevision(url: string, options: HubOptions): Promise<string | undefined> {
  const answer = await ask(url, options);
  if (isPassing(answer.status)) accepted(url, answer, options);
  const model = answer.status === 200 ? parsed(answer.body) : undefined;
  return isJsonObject(model) ? commitIn(model['sha']) : undefined;
}

/** A commit goes into addresses and a command line. */
function commitIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]+$/.test(value) ? value : undefined;
}

/** A model that names no architecture is given the benefit of the doubt, as in KAITO. */
function refuseUnsupported(id: string, architectures: readonly string[]): void {
  if (architectures.length === 0 || architectures.some((name) => supportedArchitectures.includes(name)))
    return;
  const nearest = suggest(architectures[0] ?? '', supportedArchitectures);
  throw new Terminal('ArchitectureNotSupported', {
    message: `unsupported model architecture for ${id}: ${architectures.join(', ')}`,
    remedy:
      nearest === undefined ? 'use a model that vLLM serves' : `the nearest that vLLM serves is ${nearest}`,
  });
}

async function get(url: string, options: HubOptions): Promise<HubAnswer> {
  return accepted(url, await ask(url, options), options);
}

async function ask(url: string, { fetch, token }: HubOptions): Promise<HubAnswer> {
  try {
    return await fetch(url, { token, timeoutSeconds });
  } catch (cause) {
    throw new Retryable('HubUnavailable', {
      message: `no answer from ${url}`,
      remedy: 'check that the Hub can be reached',
      cause,
    });
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function accepted(url: string, answer: HubAnswer, { token }: HubOptions): HubAnswer {
  const { status } = answer;
  if (status === 200) return answer;
  if (isPassing(status))
    throw new Retryable('HubUnavailable', { message: `failed to fetch ${url}: status ${status}` });
  if ((status === 401 || status === 403) && token === undefined) {
    throw new Terminal('ModelGated', {
      message: `authentication required for accessing ${url}`,
      remedy:
        'check the spelling of org/model: without a token the Hub says the same of a model that does not exist. For a gated one, accept its licence on the Hub, and name a Secret with HF_TOKEN in inference.preset.presetOptions.modelAccessSecret',
    });
  }
  const gated = status === 401 || status === 403;
  throw new Terminal(gated ? 'ModelGated' : 'ModelNotFound', {
    message: `failed to fetch ${url}: status ${status}`,
    remedy: gated ? 'check that the token may read this model' : 'check the spelling of org/model',
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
