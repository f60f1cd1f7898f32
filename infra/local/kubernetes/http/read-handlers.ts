import type { JsonObject } from '../json.ts';
import { listPage, parseRevision } from '../lists/list-page.ts';
import { parseSelection } from '../lists/selection.ts';
import { apiVersionOf, storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { badRequest, notFound } from '../status.ts';
import { atVersion, type Machinery } from '../writes/machinery.ts';
import type { Exchange } from './exchange.ts';
import type { ResourcePath } from './request-path.ts';
import { scaleOf } from './scale.ts';
import { toTable, wantsTable } from './table.ts';
import { expireEvents } from '../lifecycle/event-expiry.ts';

/** One request on a known resource. */
export interface ResourceRequest {
  exchange: Exchange;
  path: ResourcePath;
  definition: ResourceDefinition;
}

/** GET of one object, its status or its scale. */
export function get(machinery: Machinery, { exchange, path, definition }: ResourceRequest): void {
  const key = keyOf(path);
  const stored = machinery.table.get(storageKeyOf(definition), key);
  if (stored === undefined) throw notFound(definition, key.name);
  const object = atVersion(stored, definition);
  if (path.subresource === 'scale') {
    exchange.send(200, scaleOf(object, definition));
    return;
  }
  if (!wantsTable(exchange.accept)) {
    exchange.send(200, { ...object });
    return;
  }
  exchange.send(
    200,
    toTable(
      [object],
      definition,
      tableOptions(machinery, exchange, { resourceVersion: object.metadata.resourceVersion }),
    ),
  );
}

/** GET of a collection: selectors, pages, tables. */
export function list(machinery: Machinery, { exchange, path, definition }: ResourceRequest): void {
  const { query } = exchange;
  if (definition.plural === 'events') expireEvents(machinery);
  checkVersionMatch(query);
  const page = listPage(machinery.table, definition, {
    selection: selectionOf({ exchange, path, definition }),
    limit: integer(query, 'limit') ?? 0,
    continueToken: query.get('continue'),
    resourceVersion: query.get('resourceVersion'),
  });
  const metadata: JsonObject = {
    resourceVersion: page.resourceVersion,
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  const items = page.items.map((object) => atVersion(object, definition));
  if (wantsTable(exchange.accept)) {
    exchange.send(200, toTable(items, definition, tableOptions(machinery, exchange, metadata)));
    return;
  }
  exchange.send(200, {
    kind: definition.listKind,
    apiVersion: apiVersionOf(definition),
    metadata,
    // Typed lists name the type once; custom resources repeat it in each item.
    items: definition.custom ? items : items.map(({ apiVersion: _version, kind: _kind, ...rest }) => rest),
  });
}

export function selectionOf({ exchange, path, definition }: ResourceRequest) {
  return parseSelection(definition, {
    namespace: path.namespace,
    name: path.name,
    labelSelector: exchange.query.get('labelSelector'),
    fieldSelector: exchange.query.get('fieldSelector'),
  });
}

export function tableOptions({ clock }: Machinery, { query }: Exchange, metadata: JsonObject) {
  return {
    now: clock.now(),
    includeObject: query.get('includeObject') ?? 'Metadata',
    metadata,
    withHeader: true,
  };
}

/** A whole, non-negative number in the query; undefined when absent. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax (${name})`);
  return Number(text);
}

function checkVersionMatch(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch');
  if (match === null || match === '') return;
  if (match !== 'Exact' && match !== 'NotOlderThan')
    throw badRequest(`resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}`);
  if (parseRevision(query.get('resourceVersion')) === undefined) {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
}

export function keyOf({ name = '', namespace }: ResourcePath): { name: string; namespace?: string } {
  return namespace === undefined ? { name } : { name, namespace };
}
