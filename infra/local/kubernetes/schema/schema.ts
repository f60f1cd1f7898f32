/**
 * A structural schema: what pruning, defaulting, validation, strategic patches and server-side apply need to know of a type.
 * Built-in kinds and custom resources use the same shape, read from OpenAPI v3 with Kubernetes' extensions.
 */
export interface Schema {
  /** Absent: any JSON value. */
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  /** `x-kubernetes-list-type`; absent means atomic. */
  listType?: 'atomic' | 'set' | 'map';
  listMapKeys?: string[];
  /** `x-kubernetes-map-type: atomic`: the whole object has one owner. */
  atomic?: boolean;
  /** Strategic merge patch of a list: by this field of its items, or by value when the list holds scalars. */
  patchMergeKey?: string;
  patchStrategy?: string;
  preserveUnknownFields?: boolean;
  intOrString?: boolean;
  embeddedResource?: boolean;
  nullable?: boolean;
  default?: unknown;
  required?: string[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

/** A type nobody described: every field is kept and owned leaf by leaf. */
export const anything: Schema = { preserveUnknownFields: true };

/** The schema of `value`'s field `name`: a property, a map's element, unknown-but-kept, or undefined when not declared. */
export function fieldSchema(schema: Schema, name: string): Schema | undefined {
  const declared = schema.properties?.[name] ?? schema.additionalProperties;
  if (declared !== undefined) return declared;
  return schema.preserveUnknownFields === true ||
    (schema.properties === undefined && schema.type === undefined)
    ? anything
    : undefined;
}
