import type { StoredObject } from '../contract.ts';
import { isObject, type JsonObject } from '../json.ts';
import { expireEvents } from '../lifecycle/event-expiry.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { ApiError, badRequest, fault, invalid } from '../status.ts';
import { apply } from '../writes/apply.ts';
import { create } from '../writes/create.ts';
import { decode } from '../writes/decode.ts';
import type { Machinery, WriteOptions } from '../writes/machinery.ts';
import { update, type Subresource } from '../writes/update.ts';
import type { Exchange } from './exchange.ts';
import { keyOf, type ResourceRequest } from './read-handlers.ts';
import { scaled, scaleOf } from './scale.ts';
import { writeOptions } from './write-options.ts';

/** POST of a new object. */
export async function post(
  machinery: Machinery,
  { exchange, path, definition }: ResourceRequest,
): Promise<void> {
  const body = await exchange.body();
  if (definition.plural === 'events') expireEvents(machinery);
  const object = create(machinery, definition, { namespace: path.namespace, body }, writeOptions(exchange));
  exchange.send(201, { ...object });
}

/** PUT of an object, its status or its scale. */
export async function put(machinery: Machinery, request: ResourceRequest): Promise<void> {
  const { exchange, path, definition } = request;
  const body = await exchange.body();
  const options = writeOptions(exchange);
  if (path.subresource === 'scale') {
    putScale(machinery, request, () => body);
    return;
  }
  const wanted = decode(body, definition, options);
  const object = update(
    machinery,
    definition,
    { key: keyOf(path), subresource: subresourceOf(path.subresource), change: () => wanted, track: true },
    options,
  );
  exchange.send(200, { ...object });
}

/** PATCH in all four forms, on an object, its status or its scale. */
export async function patch(machinery: Machinery, request: ResourceRequest): Promise<void> {
  const { exchange, path, definition } = request;
  const body = await exchange.body();
  const options = writeOptions(exchange);
  const type = exchange.contentType;
  if (type === 'application/apply-patch+yaml') {
    applyPatch(machinery, request, { body, options });
    return;
  }
  if (type === 'application/strategic-merge-patch+json' && definition.custom) {
    throw unsupportedType(type, [
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/apply-patch+yaml',
    ]);
  }
  if (path.subresource === 'scale') {
    putScale(machinery, request, (scale) => patched(scale, body, { type, definition }));
    return;
  }
  const object = update(
    machinery,
    definition,
    {
      key: keyOf(path),
      subresource: subresourceOf(path.subresource),
      track: true,
      change: (current) => decode(patched({ ...current }, body, { type, definition }), definition, options),
    },
    options,
  );
  exchange.send(200, { ...object });
}

function patched(
  current: JsonObject,
  patchBody: unknown,
  { type, definition }: { type: string; definition: ResourceDefinition },
): JsonObject {
  switch (type) {
    case 'application/json-patch+json':
      return applyJsonPatch(current, patchBody);
    case 'application/merge-patch+json': {
      const merged = applyMergePatch(current, requireObject(patchBody));
      return isObject(merged) ? merged : {};
    }
    case 'application/strategic-merge-patch+json':
      return applyStrategicMergePatch(current, requireObject(patchBody), definition.schema);
    default:
      throw unsupportedType(type, [
        ...['application/json-patch+json', 'application/merge-patch+json'],
        ...['application/strategic-merge-patch+json', 'application/apply-patch+yaml'],
      ]);
  }
}

function applyPatch(
  machinery: Machinery,
  { exchange, path, definition }: ResourceRequest,
  { body, options }: { body: unknown; options: WriteOptions },
): void {
  const { query } = exchange;
  if (!query.get('fieldManager')) {
    const cause = fault.required('fieldManager', 'is required for apply patch');
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [cause]);
  }
  const force = query.get('force') === 'true' || query.get('force') === '1';
  const subresource = subresourceOf(path.subresource);
  const request = { key: keyOf(path), subresource, body: requireObject(body), force };
  const { object, created } = apply(machinery, definition, request, options);
  exchange.send(created ? 201 : 200, { ...object });
}

/** Writes the replica count that `edit` makes of the current Scale, and answers with the new one. */
function putScale(
  machinery: Machinery,
  { exchange, path, definition }: ResourceRequest,
  edit: (scale: JsonObject) => unknown,
): void {
  const change = (current: StoredObject): JsonObject =>
    scaled(current, requireObject(edit(scaleOf(current, definition))), definition);
  const object = update(
    machinery,
    definition,
    { key: keyOf(path), subresource: '', change, track: true },
    writeOptions(exchange),
  );
  exchange.send(200, scaleOf(object, definition));
}

/** A namespace's `finalize` and a missing subresource both write the main object. */
function subresourceOf(subresource: string | undefined): Subresource {
  return subresource === 'status' ? 'status' : '';
}

function requireObject(body: unknown): JsonObject {
  if (!isObject(body)) throw badRequest('the body is not an object');
  return body;
}

function unsupportedType(type: string, supported: string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', type === '' ? `${message} (none was given)` : message);
}

/** What a lost body means to a handler that needs one. */
export async function optionalBody(exchange: Exchange): Promise<JsonObject> {
  const body = await exchange.body();
  return body === undefined ? {} : requireObject(body);
}
