/** Starting orchestrations: `POST orchestrators/NAME[/ID]`. */
import { randomUUID } from 'node:crypto';
import type { DurableHttpRequest, DurableHttpResponse } from '../../functions/contract.ts';
import { durableFunction, missingFunction } from '../engine-parts.ts';
import { createInstance } from '../lifecycle.ts';
import { hasEnded } from '../store/instances.ts';
import { findInstance, flag, jsonBody, numberParameter, type HttpParts } from './call.ts';
import { managementLinks } from './links.ts';
import { HttpRefusal, jsonResponse } from './response.ts';
import { statusView } from './status.ts';

/** What the extension takes when only one of the two is given, seconds. */
const usualTimeout = 10;
const usualPollingInterval = 1;

export async function startOrchestration(
  parts: HttpParts,
  request: DurableHttpRequest,
  target: { name: string; id: string | undefined },
): Promise<DurableHttpResponse> {
  const { hub, clock, invoker } = parts;
  const orchestrator = durableFunction(invoker, 'orchestrationTrigger', target.name);
  if (orchestrator === undefined)
    throw new HttpRefusal(400, missingFunction(invoker, 'orchestrationTrigger', target.name));
  const input = jsonBody(request);
  const wait = waitParameters(request.query);
  const id = target.id ?? randomUUID().replaceAll('-', '');
  checkInstanceId(id);
  const version = request.query.get('version');
  hub.write(() => {
    refuseLive(parts, id);
    createInstance(hub, { id, name: orchestrator.name, version, input, parent: null }, clock.now());
  });
  if (wait !== undefined && (await endsWithin(parts, id, wait.timeout)))
    return finalAnswer(parts, request, id);
  return checkStatusResponse(parts, request, id);
}

/** `POST instances/ID/restart`: the same orchestrator and input once more, under a new id unless told otherwise. */
export function restart(parts: HttpParts, request: DurableHttpRequest, id: string): DurableHttpResponse {
  const { hub, clock } = parts;
  const { name, version, input } = findInstance(parts, id);
  const renamed = flag(request.query, 'restartWithNewInstanceId', true);
  const newId = renamed ? randomUUID().replaceAll('-', '') : id;
  hub.write(() => {
    refuseLive(parts, newId);
    createInstance(hub, { id: newId, name, version, input, parent: null }, clock.now());
  });
  return checkStatusResponse(parts, request, newId);
}

/** 202 and where to look, as `createCheckStatusResponse` of the client answers. */
function checkStatusResponse(parts: HttpParts, request: DurableHttpRequest, id: string): DurableHttpResponse {
  const links = managementLinks(request, parts.hubName, id);
  return jsonResponse(202, links, { location: links.statusQueryGetUri, 'retry-after': '10' });
}

function refuseLive({ hub }: HttpParts, id: string): void {
  const living = hub.instances.find(id);
  if (living === undefined || hasEnded(living)) return;
  throw new HttpRefusal(
    409,
    `An orchestration instance with the id '${id}' is already running: ${living.status}.`,
  );
}

/** Ids travel unencoded in URLs; `@` begins an entity's. */
function checkInstanceId(id: string): void {
  if (id.startsWith('@')) throw new HttpRefusal(400, `Instance id '${id}' must not begin with @.`);
  if (!/^[^/\\#?\p{Cc}]+$/u.test(id)) {
    throw new HttpRefusal(
      400,
      `Instance id '${id}' must not be empty or hold / \\ # ? or control characters.`,
    );
  }
}

function waitParameters(query: URLSearchParams): { timeout: number } | undefined {
  const timeout = numberParameter(query, 'timeout');
  const pollingInterval = numberParameter(query, 'pollingInterval');
  if (timeout === undefined && pollingInterval === undefined) return undefined;
  const seconds = timeout ?? usualTimeout;
  if (seconds < (pollingInterval ?? usualPollingInterval)) {
    throw new HttpRefusal(400, `timeout (${seconds} s) must not be shorter than pollingInterval`);
  }
  return { timeout: seconds };
}

/** Whether the instance ends within `seconds` of virtual time. It is told rather than polled, so the interval is moot. */
async function endsWithin(parts: HttpParts, id: string, seconds: number): Promise<boolean> {
  const { hub, clock } = parts;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stopListening = parts.whenEnded(id, () => resolve(undefined));
  const timeout = clock.schedule(clock.now() + seconds * 1000, () => resolve(undefined));
  await promise;
  timeout.cancel();
  stopListening();
  const instance = hub.isOpen ? hub.instances.find(id) : undefined;
  return instance !== undefined && hasEnded(instance);
}

function finalAnswer(parts: HttpParts, request: DurableHttpRequest, id: string): DurableHttpResponse {
  const view = statusView(findInstance(parts, id), { showInput: true });
  if (view.runtimeStatus === 'Completed') return jsonResponse(200, view.output);
  const asError =
    view.runtimeStatus === 'Failed' && flag(request.query, 'returnInternalServerErrorOnFailure', false);
  return jsonResponse(asError ? 500 : 200, view);
}
