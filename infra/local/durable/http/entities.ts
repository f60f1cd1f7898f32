/** Entities over HTTP: `POST entities/NAME/KEY?op=`, `GET entities/NAME/KEY`, `GET entities[/NAME]`. */
import type { DurableHttpRequest, DurableHttpResponse } from '../../functions/contract.ts';
import { durableFunction, missingFunction } from '../engine-parts.ts';
import { entityId, entityKey, entityName } from '../work/entity-id.ts';
import { flag, header, jsonBody, numberParameter, type HttpParts } from './call.ts';
import { HttpRefusal, emptyResponse, jsonResponse } from './response.ts';
import { toSeconds } from './status.ts';

const continuationHeader = 'x-ms-continuation-token';
const usualPage = 100;

export function signalEntity(
  parts: HttpParts,
  request: DurableHttpRequest,
  target: { name: string; key: string },
): DurableHttpResponse {
  const { hub, invoker } = parts;
  const { name, key } = target;
  if (durableFunction(invoker, 'entityTrigger', name) === undefined) {
    throw new HttpRefusal(400, missingFunction(invoker, 'entityTrigger', name));
  }
  const operation = request.query.get('op') ?? '';
  const input = jsonBody(request);
  hub.write(() => hub.send({ entityId: entityId(name, key), operation, input, replyTo: null }));
  return emptyResponse(202);
}

export function readEntity({ hub }: HttpParts, target: { name: string; key: string }): DurableHttpResponse {
  const entity = hub.entities.find(entityId(target.name, target.key));
  if (entity === undefined)
    throw new HttpRefusal(404, `No entity '${target.name}' with key '${target.key}' exists.`);
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: entity.state ?? 'null',
  };
}

export function listEntities(
  { hub }: HttpParts,
  request: DurableHttpRequest,
  name: string | undefined,
): DurableHttpResponse {
  const { query } = request;
  const page = Math.max(1, Math.floor(numberParameter(query, 'top') ?? usualPage));
  const after = Buffer.from(header(request, continuationHeader) ?? '', 'base64url').toString();
  const prefix = name === undefined ? '@' : entityId(name, '');
  const found = hub.entities.list(prefix, after, page + 1);
  const shown = found.slice(0, page);
  const withState = flag(query, 'fetchState', false);
  const views = shown.map(({ id, state, updated }) => ({
    entityId: { name: entityName(id), key: entityKey(id) },
    lastOperationTime: toSeconds(updated),
    ...(withState ? { state: stateOf(state) } : {}),
  }));
  const last = shown.at(-1);
  const more = found.length > page && last !== undefined;
  return jsonResponse(
    200,
    views,
    more ? { [continuationHeader]: Buffer.from(last.id).toString('base64url') } : {},
  );
}

function stateOf(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
