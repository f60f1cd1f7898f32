import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TestContext } from 'node:test';
import { loopbackCertificates } from '../../../infra/local/platform/certificates.ts';
import type { Endpoints } from '../../../infra/local/platform/endpoints.ts';
import { temporaryFolder } from './fixture.ts';

/** Answers by path (query apart); anything else is 404. */
export type Answers = Record<string, { status?: number; body: unknown }>;

export function answering(answers: Answers, seen: string[] = []): RequestListener {
  return (request, response) => {
    const url = request.url ?? '';
    seen.push(`${request.method ?? ''} ${url} ${request.headers.authorization ?? ''}`.trim());
    const { status = 200, body } = answers[url.split('?')[0] ?? ''] ?? {
      status: 404,
      body: { message: 'not here' },
    };
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  };
}

export async function listening(test: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

/** A simulated Azure of one cluster that gives the same answers as ARM and as Kubernetes. */
export async function azure(test: TestContext, answers: Answers, seen?: string[]): Promise<Endpoints> {
  const certificates = await loopbackCertificates(await temporaryFolder(test));
  const url = `https://127.0.0.1:${await listening(test, createTlsServer(certificates, answering(answers, seen)))}`;
  return {
    functionsUrl: 'http://127.0.0.1:1',
    adminUrl: 'http://127.0.0.1:1/admin',
    serviceBusConnectionString: '',
    armUrl: url,
    caFile: certificates.caFile,
    clusters: [{ name: 'demo', resourceId: '/clusters/demo', kubernetesUrl: url, kubeconfigFile: '' }],
    speed: 1,
    stateDirectory: '',
    processes: {},
  };
}
