import type { TokenCredential } from '@azure/identity';
import * as z from 'zod/mini';
import { ProvisioningError } from '../provisioning/node-provisioner.ts';
import { toProvisioningError } from './from-thrown.ts';

/** Reads what the ContainerService SDK has no operation for. Throws {@link ProvisioningError}, classified as everything from ARM is. */
export interface ArmReader {
  /** The JSON of one resource; `path` begins with `/subscriptions/`. */
  get(path: string, query: ArmQuery): Promise<unknown>;
  /** The items of a collection, all pages of it. */
  list(path: string, query: ArmQuery): Promise<unknown[]>;
}

export type ArmQuery = Readonly<Record<string, string>> & { 'api-version': string };

export interface ArmReaderOptions {
  credential: () => Promise<TokenCredential>;
  /** Base URL of Azure Resource Manager; https, also on loopback. */
  armEndpoint: string;
}

const pageSchema = z.object({ value: z.array(z.unknown()), nextLink: z.nullish(z.string()) });

/** The audience that the SDK asks tokens for. */
const armScope = 'https://management.azure.com/.default';
/** A whole list may take this long, milliseconds of real time. */
const listTimeout = 20_000;
/** A region's sizes come in one to three pages; more pages than this do not end. */
const mostPages = 40;

/**
 * Same terms as the SDK's client: token from the app's credential, no retries, TLS trust from the environment. Loads the pipeline on first use;
 * the SDK brings it along.
 */
export function createArmReader(options: ArmReaderOptions): ArmReader {
  let sending: Promise<SendGet> | undefined;
  const send: SendGet = async (url, signal) => {
    sending ??= openPipeline(options).catch((error: unknown) => {
      sending = undefined;
      throw error;
    });
    return (await sending)(url, signal);
  };
  return {
    get: (path, query) =>
      readOne(send, urlOf(options.armEndpoint, path, query), AbortSignal.timeout(listTimeout)),
    list: (path, query) => readPages(send, options.armEndpoint, urlOf(options.armEndpoint, path, query)),
  };
}

type SendGet = (url: string, signal: AbortSignal) => Promise<unknown>;

async function openPipeline({ credential, armEndpoint }: ArmReaderOptions): Promise<SendGet> {
  const core = await import('@azure/core-rest-pipeline');
  const pipeline = core.createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
  pipeline.addPolicy(
    core.bearerTokenAuthenticationPolicy({ credential: await credential(), scopes: armScope }),
  );
  const client = core.createDefaultHttpClient();
  return async (url, abortSignal) => {
    // A page's link comes from outside; the token goes to Azure Resource Manager alone.
    if (new URL(url).origin !== new URL(armEndpoint).origin) {
      throw new core.RestError(`the next page is said to be at another host: ${new URL(url).host}`);
    }
    const request = core.createPipelineRequest({
      url,
      abortSignal,
      headers: core.createHttpHeaders({ accept: 'application/json' }),
    });
    const response = await pipeline.sendRequest(client, request);
    if (response.status !== 200) {
      throw new core.RestError(`HTTP ${response.status}`, { statusCode: response.status, request, response });
    }
    const body: unknown = JSON.parse(response.bodyAsText ?? '');
    return body;
  };
}

async function readPages(send: SendGet, endpoint: string, first: string): Promise<unknown[]> {
  const signal = AbortSignal.timeout(listTimeout);
  const items: unknown[] = [];
  let next: string | undefined = first;
  for (let page = 0; next !== undefined && page < mostPages; page += 1) {
    const body = await readOne(send, next, signal);
    const read = pageSchema.safeParse(body);
    if (!read.success) throw notAList(first);
    items.push(...read.data.value);
    const link = read.data.nextLink ?? '';
    next = link === '' ? undefined : new URL(link, endpoint).href;
  }
  return items;
}

async function readOne(send: SendGet, url: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await send(url, signal);
  } catch (thrown) {
    throw toProvisioningError(thrown);
  }
}

function urlOf(endpoint: string, path: string, query: ArmQuery): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  // Not URLSearchParams: `+` for a blank is form encoding, which OData filters need not understand.
  url.search = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return url.href;
}

function notAList(url: string): ProvisioningError {
  return new ProvisioningError({
    class: 'retry',
    code: 'UnknownFailure',
    message: `${new URL(url).pathname} answered something that is no list`,
  });
}
