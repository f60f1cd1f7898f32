import { isObject, type JsonObject } from '../json.ts';
import { FieldSet } from './field-set.ts';

/** One entry of `metadata.managedFields`, with its fields as a set. */
export interface Ownership {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  time: string;
  fields: FieldSet;
}

/** Who writes: what tells one entry of managedFields from another. */
export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  /** `status`, or empty for the main endpoint. */
  subresource: string;
}

export function readOwnerships(managedFields: unknown): Ownership[] {
  const entries: unknown[] = Array.isArray(managedFields) ? managedFields : [];
  return entries.filter(isObject).map((entry) => ({
    manager: text(entry['manager']),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    apiVersion: text(entry['apiVersion']),
    subresource: text(entry['subresource']),
    time: text(entry['time']),
    fields: FieldSet.fromFieldsV1(entry['fieldsV1']),
  }));
}

/** Entries without fields disappear; applied ones come first, as the API server lists them. */
export function writeOwnerships(ownerships: Ownership[]): JsonObject[] {
  return ownerships
    .filter(({ fields }) => !fields.isEmpty())
    .sort((left, right) => order(left).localeCompare(order(right)))
    .map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toFieldsV1(),
      ...(subresource === '' ? {} : { subresource }),
    }));
}

/** Whether the entry is this writer's own. An applier keeps one entry whatever version it applies with. */
export function isOf(ownership: Ownership, writer: Writer): boolean {
  return (
    ownership.manager === writer.manager &&
    ownership.operation === writer.operation &&
    ownership.subresource === writer.subresource &&
    (writer.operation === 'Apply' || ownership.apiVersion === writer.apiVersion)
  );
}

/** Names an owner in a conflict: by manager alone, with operation and version where that says more. */
export function ownerText({ manager, operation, apiVersion, subresource }: Ownership): string {
  const at = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update'
    ? `${JSON.stringify(manager)}${at} using ${apiVersion}`
    : `${JSON.stringify(manager)}${at}`;
}

/** A total order: entries of one writer for two subresources must not swap places in a write that changes nothing. */
function order({ operation, time, manager, subresource, apiVersion }: Ownership): string {
  return [operation, time, manager, subresource, apiVersion].join(' ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
