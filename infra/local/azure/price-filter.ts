import type { RetailPrice } from './retail-prices.ts';

/** Filter names and the fields they look at. Source: the API filters of "Azure Retail Prices overview". */
const fields: Readonly<Record<string, keyof RetailPrice>> = {
  armRegionName: 'armRegionName',
  armSkuName: 'armSkuName',
  location: 'location',
  meterName: 'meterName',
  priceType: 'type',
  productName: 'productName',
  serviceFamily: 'serviceFamily',
  serviceName: 'serviceName',
  skuName: 'skuName',
};

const equality = /^(\w+) eq '((?:[^']|'')*)'$/;
const prefix = /^startswith\((\w+), ?'((?:[^']|'')*)'\)$/;

/** Reads `$filter`: comparisons joined by `and`; undefined when it is anything else. Values are case-sensitive, as Azure's are. */
export function readPriceFilter(text: string): ((price: RetailPrice) => boolean) | undefined {
  const tests: ((price: RetailPrice) => boolean)[] = [];
  for (const term of text.split(' and ')) {
    const [equal, start] = [equality.exec(term.trim()), prefix.exec(term.trim())];
    const field = fields[(equal ?? start)?.[1] ?? ''];
    const value = (equal ?? start)?.[2]?.replaceAll("''", "'");
    if (field === undefined || value === undefined) return undefined;
    tests.push((price) => {
      const actual = String(price[field] ?? '');
      return equal === null ? actual.startsWith(value) : actual === value;
    });
  }
  return (price) => tests.every((test) => test(price));
}

/** The region a filter asks for (Azure writes them in lower case), so that the list need not be made for all of them. */
export function regionOf(filter: string): string | undefined {
  return /armRegionName eq '([a-z0-9]+)'/.exec(filter)?.[1];
}
