import { createHash } from 'node:crypto';
import { vmSizes } from './vm-sizes.ts';
import type { VmSize } from './vm-sizes.ts';

/** One entry of the price list, with the fields of Azure's own. Source: "Azure Retail Prices overview", Microsoft Learn. */
export interface RetailPrice {
  currencyCode: string;
  tierMinimumUnits: number;
  retailPrice: number;
  unitPrice: number;
  armRegionName: string;
  location: string;
  effectiveStartDate: string;
  meterId: string;
  meterName: string;
  productId: string;
  skuId: string;
  productName: string;
  skuName: string;
  serviceName: string;
  serviceId: string;
  serviceFamily: string;
  unitOfMeasure: string;
  type: string;
  isPrimaryMeterRegion: boolean;
  armSkuName: string;
  reservationTerm?: string;
}

/** What is sold of a size beside Linux on demand, dearer and cheaper: whoever does not filter gets a wrong price. */
interface Kind {
  product: '' | ' Windows' | ' CloudServices';
  sku: '' | ' Spot' | ' Low Priority';
  type: 'Consumption' | 'DevTestConsumption' | 'Reservation';
  /** Of the list price. */
  factor: number;
  since: string;
}

const kinds: readonly Kind[] = [
  // The meter that was replaced, still listed, and first.
  { product: '', sku: '', type: 'Consumption', factor: 0.5, since: '2021-02-01T00:00:00Z' },
  { product: '', sku: '', type: 'Consumption', factor: 1, since: '2025-06-01T00:00:00Z' },
  // Announced, not in force.
  { product: '', sku: '', type: 'Consumption', factor: 3, since: '2099-01-01T00:00:00Z' },
  { product: ' Windows', sku: '', type: 'Consumption', factor: 1.4, since: '2025-08-01T00:00:00Z' },
  { product: '', sku: ' Spot', type: 'Consumption', factor: 0.2, since: '2025-07-01T00:00:00Z' },
  { product: ' Windows', sku: ' Spot', type: 'Consumption', factor: 0.3, since: '2025-09-01T00:00:00Z' },
  { product: '', sku: ' Low Priority', type: 'Consumption', factor: 0.1, since: '2025-09-01T00:00:00Z' },
  { product: ' CloudServices', sku: '', type: 'Consumption', factor: 1.3, since: '2025-09-01T00:00:00Z' },
  { product: '', sku: '', type: 'DevTestConsumption', factor: 0.9, since: '2025-09-01T00:00:00Z' },
  { product: '', sku: '', type: 'Reservation', factor: 5000, since: '2025-09-01T00:00:00Z' },
];

/** Everything the list has for virtual machines in a region. Prices are the same in all: the region is told, not played. */
export function regionPrices(region: string): RetailPrice[] {
  return vmSizes.flatMap((size) =>
    size.hourlyPrice === undefined
      ? []
      : kinds.map((kind) => toRetailPrice(size, size.hourlyPrice ?? 0, { kind, region })),
  );
}

function toRetailPrice(
  size: VmSize,
  listPrice: number,
  { kind, region }: { kind: Kind; region: string },
): RetailPrice {
  const title = size.name.replace(/^Standard_/, '').replaceAll('_', ' ');
  const price = Math.round(listPrice * kind.factor * 1e6) / 1e6;
  const meterId = idOf(`${region}/${size.name}/${JSON.stringify(kind)}`);
  return {
    currencyCode: 'USD',
    tierMinimumUnits: 0,
    retailPrice: price,
    unitPrice: price,
    armRegionName: region,
    location: region,
    effectiveStartDate: kind.since,
    meterId,
    meterName: `${title.split(' ')[0] ?? title}${kind.sku}`,
    productId: `DZH318Z0${meterId.slice(0, 4).toUpperCase()}`,
    skuId: `DZH318Z0${meterId.slice(0, 4).toUpperCase()}/00${meterId.slice(4, 6).toUpperCase()}`,
    productName: `Virtual Machines ${title} Series${kind.product}`,
    skuName: `${title}${kind.sku}`,
    serviceName: 'Virtual Machines',
    serviceId: 'DZH313Z7MMC8',
    serviceFamily: 'Compute',
    unitOfMeasure: '1 Hour',
    type: kind.type,
    isPrimaryMeterRegion: true,
    armSkuName: size.name,
    ...(kind.type === 'Reservation' && { reservationTerm: '1 Year' }),
  };
}

/** A GUID that stays the meter's own. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
