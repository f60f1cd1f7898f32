import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TlsListener } from '../../../infra/local/azure/tls-listener.ts';
import { listenTls } from '../../../infra/local/azure/tls-listener.ts';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { loopbackCertificates } from '../../../infra/local/platform/certificates.ts';
import type { ArmReader } from '../../../shared/azure/arm-reader.ts';
import { createArmReader } from '../../../shared/azure/arm-reader.ts';
import { readComputeSkus } from '../../../shared/azure/compute-skus.ts';
import { readUsages } from '../../../shared/azure/usages.ts';
import { ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let directory: string;
let server: TlsListener;
let answer: Answer;
let seen: { url: string; authorization: string | undefined }[] = [];
const place = { subscriptionId: 's', region: 'eastus' };

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-arm-reader-'));
  const certificates = await loopbackCertificates(directory);
  setDefaultCACertificates([...getCACertificates('bundled'), await readFile(certificates.caFile, 'utf8')]);
  server = await listenTls(certificates, 0, new SteppedClock(), (request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  });
});
after(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

function readerAnsweredBy(next: Answer): ArmReader {
  [answer, seen] = [next, []];
  const token = { token: 'secret', expiresOnTimestamp: Date.now() + 3_600_000 };
  return createArmReader({
    credential: () => Promise.resolve({ getToken: () => Promise.resolve(token) }),
    armEndpoint: server.url,
  });
}

function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function failureOf(work: Promise<unknown>): Promise<ProvisioningError['failure']> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProvisioningError, String(error));
  return error.failure;
}

const usage = (name: string) => ({ name: { value: name, localizedValue: name }, currentValue: 5, limit: 3 });

describe('the reader of ARM', () => {
  it('asks with version and token, and puts the pages together', async () => {
    const arm = readerAnsweredBy((request, response) => {
      const first = request.url?.includes('page=2') !== true;
      const nextLink = first ? `${server.url}/subscriptions/s/next?page=2&api-version=2024-07-01` : null;
      json(response, { value: [usage(first ? 'cores' : 'lowPriorityCores'), { odd: true }], nextLink });
    });
    const usages = await readUsages(arm, place);
    assert.deepEqual([...usages.keys()], ['cores', 'lowprioritycores']);
    assert.deepEqual(usages.get('cores'), { name: 'cores', limit: 3, used: 5, left: 0 });
    assert.deepEqual(
      seen.map(({ url }) => url),
      [
        '/subscriptions/s/providers/Microsoft.Compute/locations/eastus/usages?api-version=2024-07-01',
        '/subscriptions/s/next?page=2&api-version=2024-07-01',
      ],
    );
    assert.ok(seen.every(({ authorization }) => authorization === 'Bearer secret'));
  });

  it('takes its token to no other host', async () => {
    const arm = readerAnsweredBy((_request, response) => {
      json(response, { value: [], nextLink: 'https://localhost:1/steal' });
    });
    const failure = await failureOf(readUsages(arm, place));
    assert.match(failure.message, /another host: localhost:1/);
    assert.equal(seen.length, 1);
  });

  it('does not retry, and keeps the wait that ARM names', async () => {
    const arm = readerAnsweredBy((_request, response) => {
      json(response, { error: { code: 'TooManyRequests', message: 'slow' } }, 429, { 'retry-after': '17' });
    });
    const failure = await failureOf(readUsages(arm, place));
    assert.deepEqual([failure.class, failure.code, failure.retryAfterSeconds], ['wait', 'Throttled', 17]);
    assert.equal(seen.length, 1);
  });

  it('tells a missing role from a passing fault', async () => {
    const arm = readerAnsweredBy((_request, response) => {
      json(response, { error: { code: 'AuthorizationFailed', message: 'no' } }, 403);
    });
    const failure = await failureOf(arm.get('/subscriptions/s', { 'api-version': '1' }));
    assert.deepEqual([failure.class, failure.code], ['operator', 'AuthorizationFailed']);
  });

  for (const [name, body] of [
    ['no JSON', '<html>'],
    ['no list', '{"value": 1}'],
    ['nothing', ''],
  ] as const) {
    it(`is not led astray by ${name}`, async () => {
      const arm = readerAnsweredBy((_request, response) => void response.end(body));
      assert.equal((await failureOf(readComputeSkus(arm, place))).class, 'retry');
    });
  }

  it('reads sizes with their closed zones, and the reason of a closed region', async () => {
    const zones = ['3', '1', '2'];
    const sku = (name: string, more: object) => ({
      resourceType: 'virtualMachines',
      name,
      family: 'F',
      locationInfo: [{ location: 'EastUS', zones }],
      capabilities: [
        { name: 'vCPUs', value: '24' },
        { name: 'LowPriorityCapable', value: 'False' },
      ],
      restrictions: [],
      ...more,
    });
    const closed = (type: string, info: object) => ({
      type,
      values: ['eastus'],
      reasonCode: 'QuotaId',
      restrictionInfo: info,
    });
    const arm = readerAnsweredBy((_request, response) => {
      json(response, {
        value: [
          { ...sku('disk', {}), resourceType: 'disks' },
          sku('open', {}),
          sku('zone', { restrictions: [closed('Zone', { locations: ['eastus'], zones: ['1'] })] }),
          sku('region', { restrictions: [closed('Location', { locations: ['EASTUS'] })] }),
          sku('elsewhere', { restrictions: [closed('Location', { locations: ['westus'] })] }),
        ],
      });
    });
    const sizes = await readComputeSkus(arm, place);
    const brief = [...sizes.values()].map(({ name, listing }) => [
      name,
      listing.offered,
      listing.restriction,
      listing.zones.join(''),
      listing.spot,
    ]);
    assert.deepEqual(brief, [
      ['open', true, null, '123', false],
      ['zone', true, null, '23', false],
      ['region', false, 'QuotaId', '123', false],
      ['elsewhere', true, null, '123', false],
    ]);
    assert.match(decodeURIComponent(seen[0]?.url ?? ''), /\$filter=location eq 'eastus'/);
  });
});
