import type { JsonObject } from '../json.ts';
import { isObject, listAt, objectAt, stringAt } from '../json.ts';
import { metadataSchema } from '../schema/builtin-schemas.ts';
import { validate } from '../schema/validate.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { fault, invalid, type StatusCause } from '../status.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = new RegExp(`^${label}(\\.${label})*$`);
const dnsLabel = new RegExp(`^${label}$`);
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const pathSegment = /^(?!\.{1,2}$)[^/%]+$/;

/** Kinds whose names must be DNS labels; RBAC names are only path segments; the others are DNS subdomains. */
const labelNames = new Set(['namespaces', 'services']);

/** Throws 422 with every fault of the object about to be stored. */
export function validateObject(
  object: JsonObject,
  old: JsonObject | undefined,
  definition: ResourceDefinition,
): void {
  const causes = [
    ...validateMetadata(object, definition),
    ...schemaFaults(object, definition),
    ...(definition.behaviour.validate?.(object, old) ?? []),
  ];
  if (causes.length > 0) throw invalid(definition, stringAt(object, 'metadata', 'name') ?? '', causes);
}

function schemaFaults(object: JsonObject, { custom, schema }: ResourceDefinition): StatusCause[] {
  const causes = validate(object, schema, '');
  // A built-in kind's published `required` counts empty defaults as absent; its own validation says what really is required.
  return custom ? causes : causes.filter((cause) => cause.reason !== 'FieldValueRequired');
}

function validateMetadata(
  object: JsonObject,
  { group, plural, namespaced }: ResourceDefinition,
): StatusCause[] {
  const metadata = objectAt(object, 'metadata') ?? {};
  const wrongTypes = validate(metadata, metadataSchema(), 'metadata').filter(
    (cause) => cause.reason === 'FieldValueTypeInvalid',
  );
  if (wrongTypes.length > 0) return wrongTypes;
  const causes = validateName(metadata['name'], group, plural);
  if (!namespaced && stringAt(metadata, 'namespace') !== undefined) {
    causes.push(fault.forbidden('metadata.namespace', 'not allowed on this type'));
  }
  return [
    ...causes,
    ...validateLabels(metadata['labels']),
    ...validateAnnotations(metadata['annotations']),
    ...listAt(metadata, 'finalizers').flatMap((finalizer, index) =>
      typeof finalizer === 'string' && finalizer.length > 0
        ? []
        : [fault.invalid(`metadata.finalizers[${index}]`, finalizer, 'name part must be non-empty')],
    ),
    ...listAt(metadata, 'ownerReferences').flatMap((owner, index) => validateOwner(owner, index)),
  ];
}

function validateName(name: unknown, group: string, plural: string): StatusCause[] {
  const at = 'metadata.name';
  if (typeof name !== 'string' || name === '')
    return [fault.required(at, 'name or generateName is required')];
  if (group === 'rbac.authorization.k8s.io') {
    return pathSegment.test(name) ? [] : [fault.invalid(at, name, "may not contain '/' or '%'")];
  }
  if (labelNames.has(plural) && group === '') {
    return dnsLabel.test(name) && name.length <= 63 ? [] : [fault.invalid(at, name, labelRule)];
  }
  return subdomain.test(name) && name.length <= 253 ? [] : [fault.invalid(at, name, subdomainRule)];
}

const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

/** Label keys and values, wherever labels occur. */
export function validateLabels(labels: unknown, at = 'metadata.labels'): StatusCause[] {
  return Object.entries(isObject(labels) ? labels : {}).flatMap(([key, value]) => {
    const causes = validateKey(key, at);
    if (typeof value === 'string' && value !== '' && (!qualifiedName.test(value) || value.length > 63)) {
      causes.push(
        fault.invalid(
          at,
          value,
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', at most 63",
        ),
      );
    }
    return causes;
  });
}

/** All annotations of an object together: 256 KiB. */
const annotationLimit = 262_144;

function validateAnnotations(annotations: unknown): StatusCause[] {
  const entries = Object.entries(isObject(annotations) ? annotations : {});
  const size = entries.reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  const tooLong =
    size > annotationLimit
      ? [fault.invalid('metadata.annotations', '', `may not be more than ${annotationLimit} bytes`)]
      : [];
  return [...entries.flatMap(([key]) => validateKey(key.toLowerCase(), 'metadata.annotations')), ...tooLong];
}

function validateKey(key: string, at: string): StatusCause[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const goodPrefix =
    prefix === undefined ? parts.length === 1 : subdomain.test(prefix) && prefix.length <= 253;
  if (goodPrefix && qualifiedName.test(name) && name.length <= 63) return [];
  return [
    fault.invalid(
      at,
      key,
      "name part must consist of alphanumeric characters, '-', '_' or '.', at most 63, with an optional DNS prefix and '/'",
    ),
  ];
}

function validateOwner(owner: unknown, index: number): StatusCause[] {
  return ['apiVersion', 'kind', 'name', 'uid'].flatMap((field) =>
    stringAt(owner, field) === undefined || stringAt(owner, field) === ''
      ? [fault.invalid(`metadata.ownerReferences[${index}].${field}`, '', 'must not be empty')]
      : [],
  );
}
