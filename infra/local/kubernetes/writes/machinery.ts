import { randomInt, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { ObjectKey, ObjectMeta, StoredObject } from '../contract.ts';
import type { Admission, ResourceDefinition } from '../resources/definition.ts';
import { apiVersionOf, storageKeyOf } from '../resources/definition.ts';
import type { Registry } from '../resources/registry.ts';
import type { ObjectTable } from '../storage/object-table.ts';

/** What every write needs: time, the objects, the known types, and admission. */
export interface Machinery {
  clock: Clock;
  table: ObjectTable;
  registry: Registry;
  admission: Admission;
}

/** Who writes and how: the query parameters of a write. */
export interface WriteOptions {
  /** Name in managedFields. */
  manager: string;
  dryRun?: boolean;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** Collects `Warning:` headers. */
  warnings?: string[];
}

/** Kubernetes keeps whole seconds in object metadata. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function newUid(): string {
  return randomUUID();
}

/** The alphabet has no vowels and no look-alikes, so that names never spell anything (apimachinery's rand package). */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters after `generateName`. */
export function nameSuffix(): string {
  return Array.from({ length: 5 }, () => suffixAlphabet.charAt(randomInt(suffixAlphabet.length))).join('');
}

/** The stored object at the definition's version: conversion None changes `apiVersion` alone. */
export function atVersion(object: StoredObject, definition: ResourceDefinition): StoredObject {
  const apiVersion = apiVersionOf(definition);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Stores the object at its storage version; answers with it at the version that was asked for. */
export function commit(
  machinery: Machinery,
  definition: ResourceDefinition,
  object: StoredObject,
): StoredObject {
  const { group, storageVersion } = definition;
  const stored = { ...object, apiVersion: apiVersionOf({ group, version: storageVersion }) };
  return atVersion(machinery.table.put(storageKeyOf(definition), stored), definition);
}

/** Removes the object for good. */
export function expunge(
  machinery: Machinery,
  definition: ResourceDefinition,
  object: StoredObject,
): StoredObject {
  return atVersion(machinery.table.delete(storageKeyOf(definition), object), definition);
}

/**
 * Changes metadata alone, as the server's own controllers do: no validation, so that an object which a newer schema would refuse can
 * still be let go. Nothing happens when it is absent.
 */
export function editMetadata(
  machinery: Machinery,
  definition: ResourceDefinition,
  { key, edit }: { key: ObjectKey; edit: (metadata: ObjectMeta) => void },
): void {
  const stored = machinery.table.get(storageKeyOf(definition), key);
  if (stored === undefined) return;
  const next = structuredClone(stored);
  edit(next.metadata);
  if (isReadyToGo(next)) expunge(machinery, definition, next);
  else commit(machinery, definition, next);
}

/** Whether a terminating object has nothing left to wait for. */
export function isReadyToGo({ metadata, spec }: StoredObject & { spec?: unknown }): boolean {
  if (metadata.deletionTimestamp === undefined || (metadata.deletionGracePeriodSeconds ?? 0) > 0)
    return false;
  return (metadata.finalizers ?? []).length === 0 && !holdsNamespace(spec);
}

/** A namespace keeps its finalizer in its spec. */
function holdsNamespace(spec: unknown): boolean {
  if (typeof spec !== 'object' || spec === null || !('finalizers' in spec)) return false;
  return Array.isArray(spec.finalizers) && spec.finalizers.length > 0;
}
