import * as z from 'zod/mini';
import type { SizePrices } from '../planning/assemble-region-facts.ts';
import type { Price } from '../planning/region-facts.ts';
import { PriceSource } from '../planning/region-facts.ts';

/** One entry of Azure's retail price list, as far as it is looked at. */
const priceItem = z.object({
  currencyCode: z.literal('USD'),
  type: z.literal('Consumption'),
  unitOfMeasure: z.literal('1 Hour'),
  retailPrice: z.number().check(z.positive()),
  tierMinimumUnits: z.optional(z.number().check(z.maximum(0))),
  armSkuName: z.string().check(z.minLength(1)),
  effectiveStartDate: z.iso.datetime({ offset: true }),
  productName: z.string(),
  skuName: z.string(),
  meterName: z.string(),
});
const pageSchema = z.object({ Items: z.array(z.unknown()), NextPageLink: z.nullish(z.url()) });
type PriceItem = z.infer<typeof priceItem>;

export interface RetailPriceOptions {
  /** Base URL of the price list. */
  endpoint: string;
  send: typeof fetch;
}

/** All pages together, milliseconds of real time. */
const listTimeout = 20_000;
/** A region's N sizes have some 600 entries, at most 1,000 a page. */
const mostPages = 20;

/**
 * Linux list prices of a region's GPU sizes (Azure names them all `Standard_N...`) by lower-case size, in US dollars. Public and unauthenticated.
 * Throws what `send` throws, and `Error` for an answer that is no price list.
 * @param now milliseconds since 1970: prices that start later do not count yet
 */
export async function readRetailPrices(
  { endpoint, send }: RetailPriceOptions,
  region: string,
  now: number,
): Promise<Map<string, SizePrices>> {
  const filter = [
    "serviceName eq 'Virtual Machines'",
    `armRegionName eq '${region}'`,
    "priceType eq 'Consumption'",
    "startswith(armSkuName, 'Standard_N')",
  ].join(' and ');
  const first = new URL(
    `${endpoint}/api/retail/prices?currencyCode='USD'&$filter=${encodeURIComponent(filter)}`,
  );
  const signal = AbortSignal.timeout(listTimeout);
  const items: unknown[] = [];
  let next: URL | undefined = first;
  for (let page = 0; next !== undefined && page < mostPages; page += 1) {
    const body = await readPage(send, next, signal);
    items.push(...body.items);
    next = body.next === undefined ? undefined : new URL(body.next, first);
    if (next !== undefined && next.origin !== first.origin)
      throw new Error(`the next page is said to be at another host: ${next.host}`);
  }
  return selectPrices(items, now);
}

async function readPage(
  send: typeof fetch,
  url: URL,
  signal: AbortSignal,
): Promise<{ items: unknown[]; next: string | undefined }> {
  const response = await send(url, { headers: { accept: 'application/json' }, signal });
  if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
  const { Items, NextPageLink } = pageSchema.parse(await response.json());
  return { items: Items, next: NextPageLink ?? undefined };
}

/**
 * Of each size the price for Linux on demand and for Linux spot. Several entries of one kind are old and new meters: the newest that has begun
 * counts. Source of the rules: reference, quota and prices; Microsoft's page "Azure Retail Prices overview".
 */
export function selectPrices(items: readonly unknown[], now: number): Map<string, SizePrices> {
  const prices = new Map<string, SizePrices>();
  for (const item of items) {
    const read = priceItem.safeParse(item);
    if (!read.success) continue;
    const kind = kindOf(read.data);
    if (kind === undefined || Date.parse(read.data.effectiveStartDate) > now) continue;
    const size = read.data.armSkuName.toLowerCase();
    const known = prices.get(size) ?? { onDemand: null, spot: null };
    prices.set(size, { ...known, [kind]: newer(known[kind], read.data) });
  }
  return prices;
}

/** Undefined for what no AKS node of ours is: Windows, the retired low-priority kind, machines of Cloud Services. */
function kindOf({ productName, skuName, meterName }: PriceItem): keyof SizePrices | undefined {
  if (/windows|cloud ?services/i.test(productName)) return undefined;
  const names = `${skuName} ${meterName}`;
  if (/low priority/i.test(names)) return undefined;
  return /\bspot\b/i.test(names) ? 'spot' : 'onDemand';
}

function newer(known: Price | null, { retailPrice, effectiveStartDate }: PriceItem): Price {
  const basis = new Date(effectiveStartDate).toISOString();
  if (known !== null && known.basis >= basis) return known;
  return { hourly: retailPrice, source: PriceSource.retailPrices, basis };
}
