import { equalJson, isObject, type JsonObject } from '../json.ts';
import { ApiError, badRequest } from '../status.ts';

/** Applies an RFC 6902 patch to a copy of `document`. A failed test or path answers 422, a malformed patch 400. */
export function applyJsonPatch(document: JsonObject, patch: unknown): JsonObject {
  if (!Array.isArray(patch)) {
    throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  const root: JsonObject = { '': structuredClone(document) };
  for (const operation of patch) {
    if (
      !isObject(operation) ||
      typeof operation['op'] !== 'string' ||
      typeof operation['path'] !== 'string'
    ) {
      throw badRequest('a JSON patch is a list of operations with op and path');
    }
    applyOperation(root, operation, operation['path']);
  }
  const result = root[''];
  if (!isObject(result)) throw refused();
  return result;
}

function applyOperation(root: JsonObject, operation: JsonObject, path: string): void {
  const from = typeof operation['from'] === 'string' ? operation['from'] : undefined;
  switch (operation['op']) {
    case 'add': {
      put(root, path, { value: structuredClone(operation['value']), replace: false });
      return;
    }
    case 'replace': {
      put(root, path, { value: structuredClone(operation['value']), replace: true });
      return;
    }
    case 'remove':
      return void take(root, path);
    case 'move':
      if (from === undefined) throw badRequest('a move needs from');
      {
        put(root, path, { value: take(root, from), replace: false });
        return;
      }
    case 'copy':
      if (from === undefined) throw badRequest('a copy needs from');
      {
        put(root, path, { value: structuredClone(read(root, from)), replace: false });
        return;
      }
    case 'test':
      if (!equalJson(read(root, path), operation['value'])) throw refused();
      return;
    default:
      throw badRequest(`unexpected kind: ${String(operation['op'])}`);
  }
}

/** The parent a pointer leads to, and the last token; the root sits under the empty token. */
function locate(root: JsonObject, pointer: string): { parent: JsonObject | unknown[]; token: string } {
  const tokens = pointer.split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const token = tokens.pop() ?? '';
  let parent: unknown = root;
  for (const step of tokens) {
    parent = Array.isArray(parent)
      ? parent[index(step, parent.length)]
      : isObject(parent)
        ? parent[step]
        : undefined;
  }
  if (Array.isArray(parent)) return { parent, token };
  if (isObject(parent)) return { parent, token };
  throw refused();
}

function read(root: JsonObject, pointer: string): unknown {
  const { parent, token } = locate(root, pointer);
  const value: unknown = Array.isArray(parent) ? parent[index(token, parent.length)] : parent[token];
  if (value === undefined) throw refused();
  return value;
}

function put(
  root: JsonObject,
  pointer: string,
  { value, replace }: { value: unknown; replace: boolean },
): void {
  if (replace) read(root, pointer);
  const { parent, token } = locate(root, pointer);
  if (!Array.isArray(parent)) parent[token] = value;
  else if (replace) parent[index(token, parent.length)] = value;
  else parent.splice(token === '-' ? parent.length : index(token, parent.length + 1), 0, value);
}

function take(root: JsonObject, pointer: string): unknown {
  const value = read(root, pointer);
  const { parent, token } = locate(root, pointer);
  if (Array.isArray(parent)) parent.splice(index(token, parent.length), 1);
  else Reflect.deleteProperty(parent, token);
  return value;
}

function index(token: string, length: number): number {
  const position = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : Number.NaN;
  if (!(position < length)) throw refused();
  return position;
}

function refused(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request');
}
