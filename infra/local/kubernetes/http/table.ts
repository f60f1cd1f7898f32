import { isObject, type JsonObject } from '../json.ts';
import type { StoredObject } from '../contract.ts';
import type { PrinterColumn, ResourceDefinition } from '../resources/definition.ts';

/** Whether the client asks for `kubectl get`'s table form. */
export function wantsTable(accept: string): boolean {
  return accept.split(',').some((part) => /;\s*as=Table/.test(part) && /json/.test(part));
}

/** A `meta.k8s.io/v1 Table` of the objects; `withHeader` false for the second and later events of a watch. */
export function toTable(
  objects: readonly StoredObject[],
  definition: ResourceDefinition,
  options: { now: number; includeObject: string; metadata: JsonObject; withHeader: boolean },
): JsonObject {
  const columns = columnsOf(definition);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.withHeader
      ? columns.map(({ name, type, description = '', priority = 0 }) => ({
          name,
          type,
          format: name === 'Name' ? 'name' : '',
          description,
          priority,
        }))
      : [],
    rows: objects.map((object) => ({
      cells: columns.map((column) => cellOf(column, object, options.now)),
      ...(options.includeObject === 'None' ? {} : { object: rowObject(object, options.includeObject) }),
    })),
  };
}

/** Name first; a kind without columns of its own shows its age. */
function columnsOf({ columns }: ResourceDefinition): PrinterColumn[] {
  const name: PrinterColumn = { name: 'Name', type: 'string', cell: '.metadata.name' };
  const age: PrinterColumn = { name: 'Age', type: 'date', cell: '.metadata.creationTimestamp' };
  const hasAge = columns.some((column) => column.name.toLowerCase() === 'age');
  return [name, ...columns, ...(hasAge || columns.length > 0 ? [] : [age])];
}

function rowObject(object: StoredObject, include: string): JsonObject {
  if (include === 'Object') return { ...object };
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function cellOf(column: PrinterColumn, object: StoredObject, now: number): unknown {
  if (typeof column.cell === 'function') return column.cell({ ...object }, now);
  const value = jsonPath({ ...object }, column.cell);
  if (column.type === 'date') return typeof value === 'string' ? age(now - Date.parse(value)) : '<unknown>';
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null);
}

/** Reads the JSON paths that printer columns use: fields, `['field']`, `[0]`, `[*]`, and filters `[?(@.type=="X")]`. */
export function jsonPath(root: unknown, path: string): unknown {
  const steps = path
    .replaceAll('\\"', '"')
    .matchAll(/\.((?:\\.|[^.[\]])+)|\[(\?\(@\.([^=!]+?)\s*==\s*["']([^"']*)["']\)|[^\]]*)\]/g);
  let values: unknown[] = [root];
  for (const [, field, bracket = '', filterField, filterValue] of steps) {
    values = values.flatMap((value): unknown[] => {
      if (field !== undefined) return isObject(value) ? [value[field.replaceAll('\\.', '.')]] : [];
      const items: unknown[] = Array.isArray(value) ? value : [];
      if (filterField !== undefined)
        return items.filter((item) => isObject(item) && item[filterField] === filterValue);
      if (bracket === '*') return items;
      if (/^\d+$/.test(bracket)) return [items[Number(bracket)]];
      return isObject(value) ? [value[bracket.replaceAll(/^['"]|['"]$/g, '')]] : [];
    });
  }
  return values.find((value) => value !== undefined);
}

/** A duration as kubectl shows ages: `45s`, `12m`, `3h`, `5d`, `2y`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  return days < 730 ? `${days}d` : `${Math.floor(days / 365)}y`;
}
