/**
 * The part of OpenAPI v3 that Kubernetes calls a structural schema, as far as the Workspace needs it.
 * One such schema, written as data, is the source of the TypeScript types ({@link FromSchema}), of the reader that
 * validates and defaults requests (`read.ts`), and of the CRD. Data costs nothing to load: this sits on the cold-start path.
 */
export type Schema = TextSchema | IntegerSchema | ListSchema | MapSchema | ObjectSchema | OpaqueSchema;

interface Described {
  readonly description?: string;
}
export interface TextSchema extends Described {
  readonly type: 'string';
  readonly enum?: readonly string[];
  readonly default?: string;
  readonly pattern?: string;
  readonly format?: 'date-time';
  readonly minLength?: number;
  readonly maxLength?: number;
}
export interface IntegerSchema extends Described {
  readonly type: 'integer';
  readonly minimum?: number;
  readonly format?: 'int32' | 'int64';
  readonly default?: number;
}
export interface ListSchema extends Described {
  readonly type: 'array';
  readonly items: Schema;
  readonly 'x-kubernetes-list-type'?: 'atomic';
}
export interface MapSchema extends Described {
  readonly type: 'object';
  readonly additionalProperties: Schema;
}
export interface ObjectSchema extends Described {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
}
/** Anything an object may hold, kept as it is: pod templates and volume sources. */
export interface OpaqueSchema extends Described {
  readonly type: 'object';
  readonly 'x-kubernetes-preserve-unknown-fields': true;
}

/** Plain JSON, as parsed from a request. */
export type JsonObject = Record<string, unknown>;

type RequiredKeys<S> = S extends { required: readonly (infer K)[] } ? K : never;
type DefaultedKeys<P> = { [K in keyof P]: P[K] extends { default: unknown } ? K : never }[keyof P];
type FieldsOf<P, R> = { [K in keyof P as K extends R ? K : never]: FromSchema<P[K]> } & {
  [K in keyof P as K extends R ? never : K]?: FromSchema<P[K]>;
};
type Flat<T> = { -readonly [K in keyof T]: T[K] };

/** The TypeScript type of a value that has been read by schema `S` (defaults filled in, so defaulted fields are always there). */
export type FromSchema<S> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'integer' }
      ? number
      : S extends { items: infer I }
        ? FromSchema<I>[]
        : S extends { properties: infer P }
          ? Flat<FieldsOf<P, RequiredKeys<S> | DefaultedKeys<P>>>
          : S extends { additionalProperties: infer A }
            ? Record<string, FromSchema<A>>
            : JsonObject;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
