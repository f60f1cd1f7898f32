import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { SteppedClock } from '../../../../infra/local/clock/stepped-clock.ts';
import { isObject, type JsonObject } from '../../../../infra/local/kubernetes/json.ts';
import { createKubernetesApi, type KubernetesApi } from '../../../../infra/local/kubernetes/server.ts';
import { loopbackCertificates } from '../../../../infra/local/platform/certificates.ts';

export interface Answer {
  code: number;
  body: JsonObject;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface CallOptions {
  body?: unknown;
  contentType?: string;
  accept?: string;
  token?: string;
}

/** A simulated cluster behind TLS on a port of its own, with the real client's configuration for it. */
export interface TestCluster {
  api: KubernetesApi;
  clock: SteppedClock;
  kubeConfig: KubeConfig;
  /** One raw request; the body of the answer is empty when it is not a JSON object. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export const mediaType = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export async function startCluster(options: { file?: string; tokens?: string[] } = {}): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-kubernetes-'));
  const { ca, cert, key } = await loopbackCertificates(folder);
  const clock = new SteppedClock();
  const api = createKubernetesApi({ clock, file: ':memory:', clusterName: 'test', ...options });
  const server = createServer({ cert, key }, (request, response) => void api.handle(request, response));
  const port = await listen(server);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [
      {
        name: 'test',
        server: `https://127.0.0.1:${port}`,
        caData: Buffer.from(ca).toString('base64'),
        skipTLSVerify: false,
      },
    ],
    users: [{ name: 'test', token: 'development' }],
    contexts: [{ name: 'test', cluster: 'test', user: 'test' }],
    currentContext: 'test',
  });
  return {
    api,
    clock,
    kubeConfig,
    call: (method, path, callOptions = {}) => call({ port, ca }, { method, path, ...callOptions }),
    async close() {
      api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}

function call(
  { port, ca }: { port: number; ca: string },
  {
    method,
    path,
    body,
    contentType = 'application/json',
    accept = 'application/json',
    token = 'development',
  }: CallOptions & { method: string; path: string },
): Promise<Answer> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    accept,
    ...(text === '' ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port, ca, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          resolve({
            code: response.statusCode ?? 0,
            body: parseObject(answer),
            text: answer,
            headers: response.headers,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

function parseObject(text: string): JsonObject {
  if (!text.startsWith('{') || text.includes('\n{')) return {};
  const parsed: unknown = JSON.parse(text);
  return isObject(parsed) ? parsed : {};
}
