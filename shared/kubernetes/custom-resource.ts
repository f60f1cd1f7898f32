import { Retryable } from '../errors/slipway-error.ts';
import type { CustomResource, Timed } from './cluster.ts';
import { isRecord } from '../workspace/json-object.ts';

/** Narrows an answer to a custom resource: the metadata that every stored object has. */
export function isCustomResource(value: unknown): value is CustomResource {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  const { metadata } = value;
  const required = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'];
  return (
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    required.every((field) => typeof metadata[field] === 'string')
  );
}

/** Throws `Retryable('ClusterUnreachable')` for an answer that no API server gives: something else answered. */
export function toCustomResource(value: unknown): CustomResource {
  if (isCustomResource(value)) return value;
  throw new Retryable('ClusterUnreachable', {
    message: 'The API server answered with something other than a Workspace.',
  });
}

/** A value with the server's clock, from the `Date` header that every API server sends. */
export function timed<T>(value: T, headers: Record<string, string>): Timed<T> {
  const date = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(date)) {
    throw new Retryable('ClusterUnreachable', { message: 'The API server answered without a Date header.' });
  }
  return { value, serverTime: new Date(date).toISOString() };
}
