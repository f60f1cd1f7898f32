import type { JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import type { StatusCause } from '../status.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: string;
  description?: string;
  priority?: number;
  /** A JSON path, or the cell computed from the object (`now` in epoch milliseconds). */
  cell: string | ((object: JsonObject, now: number) => unknown);
}

/** Where an object's replica count lives, as JSON paths without the leading dot. */
export interface ScalePaths {
  specReplicas: string;
  statusReplicas: string;
  labelSelector?: string;
}

/** One resource type at one served version: everything the generic API machinery needs to serve it. */
export interface ResourceDefinition {
  group: string;
  version: string;
  kind: string;
  listKind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  /** True for kinds that come from a CustomResourceDefinition. */
  custom: boolean;
  schema: Schema;
  /** Main writes ignore `status`, `/status` writes ignore the rest. */
  hasStatus: boolean;
  scale?: ScalePaths;
  columns: readonly PrinterColumn[];
  /** The version objects are stored at; conversion changes `apiVersion` alone. */
  storageVersion: string;
  /** Whether `metadata.generation` is kept. */
  hasGeneration: boolean;
  /** Fields beyond metadata.name and metadata.namespace that field selectors may name. */
  selectableFields: readonly string[];
  behaviour: Behaviour;
}

/** What a built-in kind does beyond its schema. */
export interface Behaviour {
  /** Fills defaults in place, on every write before validation. */
  defaults?: (object: JsonObject) => void;
  /** Runs once on creation, after defaults: admission and allocation. */
  admit?: (object: JsonObject, admission: Admission) => void;
  /** Fills in place, on updates, what the server allocated and the writer may leave out. */
  carryOver?: (object: JsonObject, old: JsonObject) => void;
  /** Whether a POST's status is kept although there is a status subresource. */
  keepsStatusOnCreation?: boolean;
  /** Field faults of the whole object; `old` is absent on creation. */
  validate?: (object: JsonObject, old: JsonObject | undefined) => StatusCause[];
}

/** What admission may ask of the server. */
export interface Admission {
  /** A free cluster IP of the service range. */
  allocateClusterIp(): string;
}

export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Names a resource type regardless of version: the unit of storage. */
export function storageKeyOf(type: { group: string; plural: string }): string {
  return `${type.group}/${type.plural}`;
}
