import type { PoolPrice } from '../lifecycle/cost.ts';
import { listPrice } from '../lifecycle/cost.ts';
import type { Offer } from '../planning/placement.ts';
import { priceFor, sizeFactsOf } from '../planning/region-facts.ts';
import type { Services } from './services.ts';

/**
 * What one node costs on these terms, as Azure's price list says, else the built-in table. Asked through the cache that plans use. A spot
 * node never costs more than its limit.
 * @param now ISO 8601, by which what is remembered of prices ages
 */
export async function nodePrice(
  services: Services,
  cluster: string,
  offer: Offer,
  now: string,
): Promise<PoolPrice> {
  const { instanceType, placement } = offer;
  // Nodes of the user's own are on the user's bill already.
  if (instanceType === '') return { hourlyPrice: null, priceSource: null };
  const question = { cluster, instanceTypes: [instanceType], now: Date.parse(now) };
  const facts = await services.offers.lookUp(question);
  const price = priceFor(sizeFactsOf(facts, instanceType), placement.priority);
  if (price === undefined) return listPrice(offer);
  const { spotMaxPrice } = placement;
  const hourlyPrice = spotMaxPrice === null ? price.hourly : Math.min(price.hourly, spotMaxPrice);
  return { hourlyPrice, priceSource: price.source };
}
