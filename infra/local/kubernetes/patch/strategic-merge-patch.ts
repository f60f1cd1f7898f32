import { equalJson, isObject, type JsonObject } from '../json.ts';
import { anything, fieldSchema, type Schema } from '../schema/schema.ts';
import { badRequest } from '../status.ts';

const deleteFrom = '$deleteFromPrimitiveList/';
const setOrder = '$setElementOrder/';

/**
 * Applies a strategic merge patch: as a merge patch, but lists merge by the key that the built-in kind's schema names, with the
 * directives `$patch: delete|replace|merge`, `$deleteFromPrimitiveList/x`, `$setElementOrder/x` and `$retainKeys`.
 */
export function applyStrategicMergePatch(target: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown patch type: ${JSON.stringify(directive)}`);

  const merged: JsonObject = { ...target };
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) {
    for (const name of Object.keys(merged))
      if (!retained.includes(name)) Reflect.deleteProperty(merged, name);
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith(deleteFrom)) removePrimitives(merged, name.slice(deleteFrom.length), value);
    else if (name.startsWith('$')) continue;
    else if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = mergeField(merged[name], value, fieldSchema(schema, name) ?? anything);
  }
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(setOrder) || !Array.isArray(order)) continue;
    const field = name.slice(setOrder.length);
    const key = fieldSchema(schema, field)?.patchMergeKey;
    const items = merged[field];
    if (Array.isArray(items)) merged[field] = inOrder(items, order, key);
  }
  return merged;
}

function mergeField(target: unknown, patch: unknown, schema: Schema): unknown {
  if (isObject(patch)) return applyStrategicMergePatch(isObject(target) ? target : {}, patch, schema);
  if (!Array.isArray(patch) || !schema.patchStrategy?.includes('merge')) return clean(patch);
  const items: unknown[] = Array.isArray(target) ? target : [];
  const added: unknown[] = patch.filter((item) => !items.some((old) => equalJson(old, item)));
  return schema.patchMergeKey === undefined
    ? [...items, ...added]
    : mergeItems(items, patch, { ...schema, patchMergeKey: schema.patchMergeKey });
}

function mergeItems(
  items: unknown[],
  patches: unknown[],
  schema: Schema & { patchMergeKey: string },
): unknown[] {
  const key = schema.patchMergeKey;
  if (patches.some((patch) => isObject(patch) && patch['$patch'] === 'replace')) {
    return patches.filter((patch) => !(isObject(patch) && '$patch' in patch)).map(clean);
  }
  let merged = [...items];
  for (const patch of patches) {
    if (!isObject(patch) || patch[key] === undefined) {
      throw badRequest(`map: does not contain declared merge key: ${key}`);
    }
    const at = merged.findIndex((item) => isObject(item) && equalJson(item[key], patch[key]));
    if (patch['$patch'] === 'delete') merged = merged.filter((_, position) => position !== at);
    else if (at < 0) merged.push(withoutDirectives(patch));
    else merged[at] = mergeField(merged[at], patch, schema.items ?? anything);
  }
  return merged;
}

function removePrimitives(target: JsonObject, field: string, values: unknown): void {
  const items = target[field];
  if (!Array.isArray(items) || !Array.isArray(values)) return;
  target[field] = items.filter((item) => !values.includes(item));
}

/** Listed items in the listed order; the others keep theirs, after them. */
function inOrder(items: unknown[], order: unknown[], key: string | undefined): unknown[] {
  const identity = (item: unknown): unknown => (key !== undefined && isObject(item) ? item[key] : item);
  const position = (item: unknown): number => {
    const at = order.findIndex((wanted) => equalJson(identity(wanted), identity(item)));
    return at < 0 ? order.length : at;
  };
  return items.toSorted((left, right) => position(left) - position(right));
}

function withoutDirectives(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([name, value]) => !name.startsWith('$') && value !== null)
      .map(([name, value]) => [name, clean(value)]),
  );
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  return isObject(value) ? withoutDirectives(value) : value;
}
