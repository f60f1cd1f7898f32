import type { IncomingMessage, ServerResponse } from 'node:http';
import { CallCounter } from './call-counts.ts';
import { HeldRequests } from './held-requests.ts';
import { readPriceFilter, regionOf } from './price-filter.ts';
import { regionPrices } from './retail-prices.ts';
import type { AzureContext } from './settings.ts';

const path = '/api/retail/prices';
/** For fault rules and counts. */
const operation = 'RetailPrices_List';
/** Azure gives up to 1,000 a page; fewer here, so that paging is met. */
const pageSize = 100;
/** Where a list without a region in its filter looks. */
const usualRegion = 'eastus';

/**
 * Azure's retail price list (prices.azure.com): public, so no credential is asked for, and none of ARM's limits holds. Faults of kind `http` apply,
 * by the operation `RetailPrices_List`.
 */
export class RetailPriceServer {
  readonly counter = new CallCounter();
  readonly held: HeldRequests;
  readonly #context: AzureContext;

  constructor(context: AzureContext) {
    this.#context = context;
    this.held = new HeldRequests(context.clock);
  }

  /** Returns false for any other path. */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(message.url ?? '/', `https://${message.headers.host ?? '127.0.0.1'}`);
    if (url.pathname !== path) return false;
    const method = message.method ?? 'GET';
    this.counter.request(method, operation);
    const fault = this.#context.state.faults.http({ method, path, operation });
    if (fault?.type === 'reset' || fault?.type === 'applyThenReset') {
      message.socket.destroy();
      return true;
    }
    if (fault?.type === 'delay') await this.held.hold(fault.seconds);
    if (fault?.type === 'status')
      this.#send(response, fault.status, { Error: { Message: fault.message ?? 'Injected fault.' } });
    else this.#send(response, ...list(url));
    return true;
  }

  #send(response: ServerResponse, status: number, body: unknown): void {
    this.counter.answer(status);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  }
}

function list(url: URL): [status: number, body: unknown] {
  const filter = url.searchParams.get('$filter') ?? '';
  const matches = filter === '' ? () => true : readPriceFilter(filter);
  if (matches === undefined)
    return [400, { Error: { Code: 'BadRequest', Message: 'Invalid OData parameters supplied' } }];
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const all = regionPrices(regionOf(filter) ?? usualRegion).filter(matches);
  const items = all.slice(skip, skip + pageSize);
  return [
    200,
    {
      BillingCurrency: 'USD',
      CustomerEntityId: 'Default',
      CustomerEntityType: 'Retail',
      Items: items,
      NextPageLink: skip + pageSize < all.length ? nextPage(url, skip + pageSize) : null,
      Count: items.length,
    },
  ];
}

/** Azure writes its own port into the link, as here. */
function nextPage(url: URL, skip: number): string {
  const next = new URL(url);
  next.searchParams.set('$skip', String(skip));
  return next.href;
}
