import type { StoredObject } from '../contract.ts';
import { isObject } from '../json.ts';
import { storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { keyOf, type ObjectTable } from '../storage/object-table.ts';
import { ApiError, badRequest, expired } from '../status.ts';
import type { Selection } from './selection.ts';

export interface ListPage {
  items: StoredObject[];
  resourceVersion: string;
  continueToken?: string;
  remaining?: number;
}

/** Where the next page starts, and the revision all pages show. */
interface ContinueToken {
  revision: number;
  after: string;
}

/** One page of a list; all pages of a list show the state at its first. Throws 410 when that is no longer known, 400 on a bad token. */
export function listPage(
  table: ObjectTable,
  definition: ResourceDefinition,
  request: {
    selection: Selection;
    limit: number;
    continueToken: string | null;
    resourceVersion: string | null;
  },
): ListPage {
  const { selection, limit, continueToken } = request;
  const token = continueToken === null || continueToken === '' ? undefined : readToken(continueToken);
  if (token === undefined) refuseFuture(table, request.resourceVersion);
  const revision = token?.revision ?? table.revision;
  const storageKey = storageKeyOf(definition);
  const all = revision === table.revision ? table.list(storageKey) : table.listAt(storageKey, revision);
  if (all === undefined) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }
  const selected = all.filter(
    (object) => selection(object) && (token === undefined || keyOf(object.metadata) > token.after),
  );
  const items = limit > 0 ? selected.slice(0, limit) : selected;
  const remaining = selected.length - items.length;
  const last = items.at(-1);
  return {
    items,
    resourceVersion: String(revision),
    ...(remaining > 0 && last !== undefined
      ? { remaining, continueToken: writeToken({ revision, after: keyOf(last.metadata) }) }
      : {}),
  };
}

/** A version this server has not reached cannot be waited for: the answer after the real server's wait is 504. */
export function refuseFuture(table: ObjectTable, resourceVersion: string | null): void {
  const wanted = parseRevision(resourceVersion);
  if (wanted === undefined || wanted <= table.revision) return;
  throw new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${wanted}, current: ${table.revision}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

/** A resourceVersion parameter as a revision; undefined when none is given. Throws 400 on text that is no version. */
export function parseRevision(resourceVersion: string | null): number | undefined {
  if (resourceVersion === null || resourceVersion === '') return undefined;
  if (!/^\d+$/.test(resourceVersion))
    throw badRequest(`Invalid value: ${JSON.stringify(resourceVersion)}: resourceVersion`);
  return Number(resourceVersion);
}

function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): ContinueToken {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isObject(token) && typeof token['revision'] === 'number' && typeof token['after'] === 'string') {
      return { revision: token['revision'], after: token['after'] };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest(`invalid continue token: ${JSON.stringify(text)}`);
}
