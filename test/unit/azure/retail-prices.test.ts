import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRetailPrices, selectPrices } from '../../../shared/azure/retail-prices.ts';

const now = Date.UTC(2026, 10, 1);
const sizeName = 'Standard_NC24ads_A100_v4';

function item(fields: Record<string, unknown>): Record<string, unknown> {
  return {
    currencyCode: 'USD',
    type: 'Consumption',
    unitOfMeasure: '1 Hour',
    retailPrice: 3.673,
    tierMinimumUnits: 0,
    armSkuName: sizeName,
    effectiveStartDate: '2025-01-01T00:00:00Z',
    productName: 'Virtual Machines NCads A100 v4 Series',
    skuName: 'NC24ads A100 v4',
    meterName: 'NC24ads A100 v4',
    ...fields,
  };
}

function priceOf(...items: unknown[]) {
  return selectPrices(items, now).get(sizeName.toLowerCase());
}

describe('the price of a size', () => {
  it('is that of Linux on demand, with the date from which it holds', () => {
    assert.deepEqual(priceOf(item({}))?.onDemand, {
      hourly: 3.673,
      source: 'azure-retail-prices',
      basis: '2025-01-01T00:00:00.000Z',
    });
    assert.equal(priceOf(item({}))?.spot, null);
  });

  it('is that of the newest meter that holds, in whatever order they come', () => {
    const old = item({ retailPrice: 1, effectiveStartDate: '2021-05-01T00:00:00Z' });
    const announced = item({ retailPrice: 9, effectiveStartDate: '2027-01-01T00:00:00Z' });
    for (const order of [
      [old, item({}), announced],
      [announced, item({}), old],
    ]) {
      assert.equal(priceOf(...order)?.onDemand?.hourly, 3.673);
    }
  });

  it('is apart from that of spot', () => {
    const found = priceOf(
      item({ retailPrice: 0.7, skuName: 'NC24ads A100 v4 Spot', meterName: 'NC24ads A100 v4 Spot' }),
    );
    assert.deepEqual([found?.onDemand, found?.spot?.hourly], [null, 0.7]);
  });

  const foreign: [string, Record<string, unknown>][] = [
    ['Windows', { productName: 'Virtual Machines NCads A100 v4 Series Windows' }],
    ['the retired low priority', { skuName: 'NC24ads A100 v4 Low Priority' }],
    ['Cloud Services', { productName: 'NCads A100 v4 Series Cloud Services' }],
    ['reservations', { type: 'Reservation', reservationTerm: '1 Year' }],
    ['developers', { type: 'DevTestConsumption' }],
    ['another currency', { currencyCode: 'EUR' }],
    ['a month', { unitOfMeasure: '1/Month' }],
    ['nothing', { retailPrice: 0 }],
    ['a later tier', { tierMinimumUnits: 100 }],
    ['a date that is none', { effectiveStartDate: 'soon' }],
  ];
  for (const [name, fields] of foreign) {
    it(`is not that of ${name}`, () => {
      assert.equal(priceOf(item(fields)), undefined);
    });
  }
});

describe('reading the price list', () => {
  function serving(pages: Record<string, unknown>, asked: string[] = []): typeof fetch {
    return (input) => {
      const url = input instanceof URL ? input.href : typeof input === 'string' ? input : input.url;
      asked.push(url);
      const body = pages[new URL(url).searchParams.get('$skip') ?? '0'];
      return Promise.resolve(body === undefined ? new Response('', { status: 503 }) : Response.json(body));
    };
  }
  const link = 'https://prices.example/api/retail/prices?$skip=1';

  it('asks for the GPU sizes of one region, and follows the pages', async () => {
    const asked: string[] = [];
    const send = serving(
      {
        0: { Items: [item({})], NextPageLink: link },
        1: { Items: [item({ armSkuName: 'Standard_NC48ads_A100_v4', retailPrice: 7 })], NextPageLink: null },
      },
      asked,
    );
    const prices = await readRetailPrices({ endpoint: 'https://prices.example', send }, 'westus3', now);
    assert.deepEqual([...prices.keys()], ['standard_nc24ads_a100_v4', 'standard_nc48ads_a100_v4']);
    const filter = new URL(asked[0] ?? '').searchParams.get('$filter');
    assert.match(filter ?? '', /armRegionName eq 'westus3' and priceType eq 'Consumption' and startswith/);
    assert.equal(asked.length, 2);
  });

  it('does not follow a page to another host', async () => {
    const send = serving({ 0: { Items: [], NextPageLink: 'https://elsewhere.example/?$skip=0' } });
    await assert.rejects(
      readRetailPrices({ endpoint: 'https://prices.example', send }, 'eastus', now),
      /another host: elsewhere\.example/,
    );
  });

  it('refuses what is no price list', async () => {
    for (const pages of [{}, { 0: { items: [] } }, { 0: [] }]) {
      const send = serving(pages);
      await assert.rejects(readRetailPrices({ endpoint: 'https://prices.example', send }, 'eastus', now));
    }
  });
});
