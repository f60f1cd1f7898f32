import type { StoredObject } from '../../kubernetes/contract.ts';
import type { Exchange } from '../../kubernetes/http/exchange.ts';
import { ApiError } from '../../kubernetes/status.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { readModelCommand } from '../model/model-command.ts';
import type { ModelCommand } from '../model/model-command.ts';
import { answerModelRequest } from '../model/openai-server.ts';
import type { ModelAnswer } from '../model/openai-server.ts';
import { isPodReady, readPod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { podIndexLabel } from '../pods/run-containers.ts';
import { readService, selectsPod, targetPort } from '../services/service.ts';
import type { ProxyPath } from './api-paths.ts';

/** Reaches the model server of a ready pod, directly or behind a service, as the API server's proxy does. Refuses with 503 while none serves. */
export async function proxy(context: ClusterContext, target: ProxyPath, exchange: Exchange): Promise<void> {
  const text = await exchange.text();
  const { cache, clock } = context;
  const { kind, namespace, name, port } = target;
  const object = cache.get(resources[kind], { namespace, name });
  if (object === undefined) {
    throw new ApiError(404, 'NotFound', `${kind} "${name}" not found`);
  }
  const command = kind === 'pods' ? podBackend(object, port) : serviceBackend(context, object, port);
  const request = { method: exchange.method, path: target.path, body: parseBody(text) };
  send(exchange, answerModelRequest(command, request, clock.now() / 1000));
}

function unavailable(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}

function serviceBackend(
  { cache }: ClusterContext,
  service: StoredObject,
  port: string | undefined,
): ModelCommand {
  const { ports } = readService(service).spec;
  const chosen =
    port === undefined ? ports[0] : ports.find((each) => each.name === port || String(each.port) === port);
  const { name } = service.metadata;
  if (chosen === undefined) throw unavailable(`no service port "${port ?? ''}" found for service "${name}"`);
  const ready = cache
    .list(resources.pods, service.metadata.namespace)
    .find((pod) => selectsPod(service, pod) && isServing(pod));
  if (ready === undefined) throw unavailable(`no endpoints available for service "${name}"`);
  return modelServer(ready, targetPort(chosen, ready));
}

function podBackend(pod: StoredObject, port: string | undefined): ModelCommand {
  if (!isServing(pod))
    throw unavailable(`error trying to reach service: pod "${pod.metadata.name}" is not ready`);
  return modelServer(pod, port === undefined ? undefined : Number(port));
}

function isServing(pod: StoredObject): boolean {
  return isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** The model server that listens on `port` in the pod; anything else refuses the connection. */
function modelServer(pod: StoredObject, port: number | undefined): ModelCommand {
  const { spec, status } = readPod(pod);
  const commands = spec.containers.map((container) =>
    readModelCommand(container, pod.metadata.labels?.[podIndexLabel]),
  );
  const command = commands.find(
    (each) => each !== undefined && !each.worker && (port === undefined || each.port === port),
  );
  if (command) return command;
  throw unavailable(
    `error trying to reach service: dial tcp ${status.podIP ?? ''}:${port ?? 80}: connect: connection refused`,
  );
}

/** The body as JSON. What is not JSON stays text: the model server refuses it by its own schema, naming the field. */
function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function send(exchange: Exchange, answer: ModelAnswer): void {
  if (exchange.loseAnswer) {
    exchange.reset();
    return;
  }
  const { response } = exchange;
  if (answer.events) {
    response.writeHead(answer.status, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    for (const event of answer.events) response.write(`data: ${event}\n\n`);
    response.end();
    return;
  }
  const type = answer.text === undefined ? 'application/json' : 'text/plain; version=0.0.4';
  const body = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  response.writeHead(answer.status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
