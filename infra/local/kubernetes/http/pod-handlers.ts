import { ensureObject, stringAt, type JsonObject } from '../json.ts';
import { badRequest, conflict } from '../status.ts';
import { timestamp, type Machinery } from '../writes/machinery.ts';
import { remove } from '../writes/remove.ts';
import { update } from '../writes/update.ts';
import { keyOf, type ResourceRequest } from './read-handlers.ts';
import { optionalBody } from './write-handlers.ts';
import { writeOptions } from './write-options.ts';

/** POST of `pods/{name}/binding`: puts the pod on a node, once. */
export async function bindPod(
  machinery: Machinery,
  { exchange, path, definition }: ResourceRequest,
): Promise<void> {
  const node = stringAt(await optionalBody(exchange), 'target', 'name');
  if (!node) throw badRequest('target.name is required');
  const key = keyOf(path);
  const options = writeOptions(exchange);
  const bind = (pod: JsonObject): JsonObject => {
    const bound = stringAt(pod, 'spec', 'nodeName');
    if (bound) throw conflict(definition, key.name, `pod ${key.name} is already assigned to node "${bound}"`);
    ensureObject(pod, 'spec')['nodeName'] = node;
    return pod;
  };
  update(
    machinery,
    definition,
    { key, subresource: '', change: (pod) => bind({ ...pod }), track: true },
    options,
  );
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastTransitionTime: timestamp(machinery.clock.now()),
  };
  update(
    machinery,
    definition,
    {
      key,
      subresource: 'status',
      track: true,
      change: (pod) => ({
        ...pod,
        status: { ...ensureObject({ ...pod }, 'status'), conditions: [scheduled] },
      }),
    },
    options,
  );
  exchange.send(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** POST of `pods/{name}/eviction`: a delete; disruption budgets are not kept. */
export async function evictPod(
  machinery: Machinery,
  { exchange, path, definition }: ResourceRequest,
): Promise<void> {
  await optionalBody(exchange);
  remove(machinery, definition, keyOf(path), {});
  exchange.send(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}
