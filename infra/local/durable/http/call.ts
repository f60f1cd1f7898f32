/** Reading a Durable API request: its JSON body, its query, its instance id. Faults become HttpRefusal. */
import type { DurableHttpRequest } from '../../functions/contract.ts';
import type { EngineParts } from '../engine-parts.ts';
import { hasEnded, type Instance } from '../store/instances.ts';
import { HttpRefusal } from './response.ts';

/** What request handlers work with. */
export interface HttpParts extends EngineParts {
  whenEnded(instanceId: string, listener: () => void): () => void;
}

/** JSON text of the body, or null when it is empty. */
export function jsonBody(request: DurableHttpRequest): string | null {
  const text = new TextDecoder().decode(request.body);
  if (text.trim() === '') return null;
  try {
    JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, `The request body is not JSON: ${text.slice(0, 100)}`);
  }
  return text;
}

export function header(request: DurableHttpRequest, name: string): string | undefined {
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** `true` and `false` as .NET reads them, in any case. */
export function flag(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const text = query.get(name)?.toLowerCase();
  return text === undefined || text === '' ? otherwise : text === 'true';
}

/** A number of seconds or items; undefined when it is not given. */
export function numberParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new HttpRefusal(400, `${name} must be a number, found '${text}'`);
  return value;
}

/** Epoch milliseconds of a date parameter. */
export function timeParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new HttpRefusal(400, `${name} must be an ISO 8601 time, found '${text}'`);
  return time;
}

/** The instance, or a refusal with 404. */
export function findInstance(parts: HttpParts, id: string): Instance {
  const instance = parts.hub.instances.find(id);
  if (instance === undefined) throw new HttpRefusal(404, `No instance with ID '${id}' found.`);
  return instance;
}

/** The instance, or a refusal: 404 when there is none, 410 when it has ended. */
export function findLiveInstance(parts: HttpParts, id: string): Instance {
  const instance = findInstance(parts, id);
  if (hasEnded(instance)) throw new HttpRefusal(410, `Instance '${id}' has ended: ${instance.status}.`);
  return instance;
}
