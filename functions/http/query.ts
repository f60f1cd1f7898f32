/** Reads a request's path and query. Whatever the API cannot mean is a `Terminal('BadRequest')`, before anything else is asked. */
import type { HttpRequest } from '@azure/functions';
import { Terminal } from '../../shared/errors/slipway-error.ts';
import { shown } from '../../shared/workspace/fault.ts';
import { isDnsLabel, isDnsSubdomain } from '../../shared/workspace/names.ts';

/** Namespace and name of the path. The host has decoded them, all but an escaped slash, which no name has. */
export function pathName(request: HttpRequest): { namespace: string; name: string } {
  const { namespace = '', name = '' } = request.params;
  if (!isDnsLabel(namespace)) throw refused(`${shown(namespace)} is not the name of a namespace`);
  if (!isDnsSubdomain(name)) throw refused(`${shown(name)} is not the name of a workspace`);
  return { namespace, name };
}

/** The query parameter, or undefined when it is absent or empty. */
export function queryText(request: HttpRequest, parameter: string): string | undefined {
  const text = request.query.get(parameter) ?? '';
  return text === '' ? undefined : text;
}

/** `true` or `false`; absent is false. */
export function queryFlag(request: HttpRequest, parameter: string): boolean {
  const text = queryText(request, parameter) ?? 'false';
  if (text !== 'true' && text !== 'false') throw refused(`${parameter} must be true or false`);
  return text === 'true';
}

/** A whole number from 1 to `largest`. */
export function queryNumber(
  request: HttpRequest,
  parameter: string,
  { usual, largest }: { usual: number; largest: number },
): number {
  const text = request.query.get(parameter) ?? String(usual);
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > largest)
    throw refused(`${parameter} must be a whole number from 1 to ${largest}`);
  return number;
}

/** One of `words`, or undefined when absent. */
export function queryWord(
  request: HttpRequest,
  parameter: string,
  words: readonly string[],
): string | undefined {
  const text = queryText(request, parameter);
  if (text !== undefined && !words.includes(text))
    throw refused(`${parameter} must be one of ${words.join(', ')}`);
  return text;
}

/** The name of a namespace, or undefined when absent. */
export function queryNamespace(request: HttpRequest): string | undefined {
  const text = queryText(request, 'namespace');
  if (text !== undefined && !isDnsLabel(text)) throw refused(`${shown(text)} is not the name of a namespace`);
  return text;
}

/** A version that the API server told; they are decimal numbers (kubernetes/enhancements, KEP-5504). */
export function queryVersion(request: HttpRequest): string | undefined {
  const text = queryText(request, 'resourceVersion');
  if (text !== undefined && !/^\d{1,20}$/.test(text))
    throw refused('resourceVersion must be one that an earlier answer told');
  return text;
}

function refused(message: string): Terminal {
  return new Terminal('BadRequest', { message });
}
