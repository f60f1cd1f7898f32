import type { KubeConfig, RequestContext, ResponseContext } from '@kubernetes/client-node';
import type { KubernetesClient } from './client-node.ts';

/** One call to the API server as raw JSON: what we write is sent as it is, unknown and `x-kubernetes-*` fields included. */
export interface ClusterRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** Default `application/json`; a PATCH names one of client-node's `PatchStrategy`. */
  contentType?: string;
}

export interface ClusterResponse {
  /** Parsed JSON. */
  data: unknown;
  /** By lower-case name. */
  headers: Record<string, string>;
}

/** Sends through the kubeconfig's authentication and client-node's HTTP library; throws its `ApiException` unless 2xx. */
export async function send(
  client: KubernetesClient,
  config: KubeConfig,
  request: ClusterRequest,
  signal?: AbortSignal,
): Promise<ResponseContext> {
  const context = await toContext(client, config, request);
  if (signal !== undefined) context.setSignal(signal);
  const response = await new client.IsomorphicFetchHttpLibrary().send(context).toPromise();
  if (response.httpStatusCode >= 200 && response.httpStatusCode <= 299) return response;
  const body = await response.body.text();
  throw new client.ApiException(response.httpStatusCode, 'refused by the API server', body, response.headers);
}

export async function sendJson(
  client: KubernetesClient,
  config: KubeConfig,
  request: ClusterRequest,
): Promise<ClusterResponse> {
  const { headers, body } = await send(client, config, request);
  const data: unknown = JSON.parse(await body.text());
  return { data, headers };
}

async function toContext(
  { HttpMethod, RequestContext }: KubernetesClient,
  config: KubeConfig,
  { method, path, query = {}, body, contentType = 'application/json' }: ClusterRequest,
): Promise<RequestContext> {
  const server = config.getCurrentCluster()?.server ?? '';
  const context = new RequestContext(server.replace(/\/$/, '') + path, HttpMethod[method]);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) context.setQueryParam(name, String(value));
  }
  context.setHeaderParam('Accept', 'application/json');
  if (body !== undefined) {
    context.setHeaderParam('Content-Type', contentType);
    context.setBody(JSON.stringify(body));
  }
  await config.applySecurityAuthentication(context);
  return context;
}
