import { isObject, type JsonObject } from '../json.ts';
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts';
import { dropNulls } from '../schema/apply-defaults.ts';
import { prune } from '../schema/prune.ts';
import { validate } from '../schema/validate.ts';
import { badRequest } from '../status.ts';
import type { WriteOptions } from './machinery.ts';

/**
 * A request body as an object of `definition`: kind and apiVersion checked, nulls of built-in kinds dropped, unknown fields pruned
 * (`fieldValidation` Warn adds warnings, Strict refuses with 400). Works on a copy.
 */
export function decode(body: unknown, definition: ResourceDefinition, options: WriteOptions): JsonObject {
  if (!isObject(body))
    throw badRequest("couldn't get version/kind; json parse error: the body is not an object");
  const object = structuredClone(body);
  checkType(object, definition);
  if (!definition.custom) {
    dropNulls(object, definition.schema);
    refuseWrongTypes(object, definition);
  }
  report(prune(object, definition.schema), options);
  return object;
}

function checkType(object: JsonObject, definition: ResourceDefinition): void {
  const apiVersion = apiVersionOf(definition);
  object['apiVersion'] ??= apiVersion;
  object['kind'] ??= definition.kind;
  if (object['apiVersion'] !== apiVersion) {
    const given = JSON.stringify(object['apiVersion']);
    throw badRequest(
      `the API version in the data (${given}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (object['kind'] !== definition.kind) {
    throw badRequest(
      `${JSON.stringify(object['kind'])} in the data does not match the expected kind ${definition.kind}`,
    );
  }
  object['metadata'] ??= {};
}

/** A built-in kind's decoder stops at the first value of a wrong type: 400, not 422. */
function refuseWrongTypes(object: JsonObject, { kind, version, schema }: ResourceDefinition): void {
  const [wrong] = validate(object, schema, '').filter((cause) => cause.reason === 'FieldValueTypeInvalid');
  if (wrong !== undefined) {
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}.${wrong.field}: ${wrong.message}`,
    );
  }
}

function report(unknown: string[], { fieldValidation = 'Warn', warnings }: WriteOptions): void {
  const faults = unknown.map((path) => `unknown field "${path}"`);
  if (faults.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Strict') throw badRequest(`strict decoding error: ${faults.join(', ')}`);
  warnings?.push(...faults);
}
