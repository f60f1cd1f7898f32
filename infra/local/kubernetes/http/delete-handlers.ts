import { numberAt, stringAt, type JsonObject } from '../json.ts';
import type { StoredObject } from '../contract.ts';
import { apiVersionOf, storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { badRequest } from '../status.ts';
import type { Machinery } from '../writes/machinery.ts';
import { remove, type Propagation, type Removal } from '../writes/remove.ts';
import type { Exchange } from './exchange.ts';
import { integer, keyOf, selectionOf, type ResourceRequest } from './read-handlers.ts';
import { isDryRun } from './write-options.ts';
import { optionalBody } from './write-handlers.ts';

/** DELETE of one object: a Status when it is gone, the terminating object while something holds it. */
export async function deleteOne(
  machinery: Machinery,
  { exchange, path, definition }: ResourceRequest,
): Promise<void> {
  const removal = removalOf(await optionalBody(exchange), exchange);
  const { removed, object } = remove(machinery, definition, keyOf(path), removal);
  exchange.send(
    200,
    removed && !answersWithObject(definition) ? deletedStatus(object, definition) : { ...object },
  );
}

/** DELETE of a collection: what the selectors choose, each by the same rules. Answers with the list as it was. */
export async function deleteCollection(machinery: Machinery, request: ResourceRequest): Promise<void> {
  const { exchange, definition } = request;
  const removal = removalOf(await optionalBody(exchange), exchange);
  const selected = machinery.table.list(storageKeyOf(definition)).filter(selectionOf(request));
  for (const object of selected) remove(machinery, definition, object.metadata, removal);
  exchange.send(200, {
    kind: definition.listKind,
    apiVersion: apiVersionOf(definition),
    metadata: { resourceVersion: String(machinery.table.revision) },
    items: selected,
  });
}

/** Pods, services and claims answer with the object they were, as their storage asks for. */
function answersWithObject({ group, plural }: ResourceDefinition): boolean {
  return (
    group === '' &&
    ['pods', 'services', 'persistentvolumeclaims', 'persistentvolumes', 'serviceaccounts'].includes(plural)
  );
}

function deletedStatus({ metadata }: StoredObject, { group, plural }: ResourceDefinition): JsonObject {
  const details = {
    name: metadata.name,
    ...(group === '' ? {} : { group }),
    kind: plural,
    uid: metadata.uid,
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** DeleteOptions from the body or, in its absence, from the query. */
function removalOf(body: JsonObject, exchange: Exchange): Removal {
  const { query } = exchange;
  const uid = stringAt(body, 'preconditions', 'uid');
  const resourceVersion = stringAt(body, 'preconditions', 'resourceVersion');
  const graceSeconds = numberAt(body, 'gracePeriodSeconds') ?? integer(query, 'gracePeriodSeconds');
  const propagation = propagationOf(
    stringAt(body, 'propagationPolicy') ?? query.get('propagationPolicy'),
    body['orphanDependents'] ?? query.get('orphanDependents'),
  );
  const dryRun = isDryRun(query) || (Array.isArray(body['dryRun']) && body['dryRun'].includes('All'));
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
    ...(propagation === undefined ? {} : { propagation }),
    dryRun,
  };
}

function propagationOf(policy: string | null, orphan: unknown): Propagation | undefined {
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy;
  if (policy !== null && policy !== '') {
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    );
  }
  return orphan === true || orphan === 'true' ? 'Orphan' : undefined;
}
