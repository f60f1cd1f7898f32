import { ControllerAnnotation, SlipwayAnnotation } from './annotations.ts';
import { CauseReason, shown, type Findings } from './fault.ts';
import { isDnsLabel, isLabelValue, isQualifiedKey } from './names.ts';
import { isJsonObject, type JsonObject } from './schema/structural-schema.ts';
import { unknownField } from './schema/read.ts';
import { suggest } from './schema/suggest.ts';
import { defaultNamespace, type WorkspaceMetadata } from './workspace.ts';

/** Fields of metav1.ObjectMeta. Those the server fills in are read where useful and otherwise passed over. */
const objectMeta = [
  'name',
  'namespace',
  'labels',
  'annotations',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'selfLink',
  'generateName',
];
/** All annotations of an object together, in bytes. Source: k8s.io/apimachinery, `TotalAnnotationSizeLimitB`. */
const annotationBytes = 256 * 1024;

/** Reads `metadata`, with the namespace defaulted. */
export function readMetadata(value: unknown, strict: boolean, findings: Findings): WorkspaceMetadata {
  const { faults } = findings;
  const given: JsonObject = isJsonObject(value) ? value : {};
  if (!isJsonObject(value)) {
    const reason = value === undefined ? CauseReason.Required : CauseReason.TypeInvalid;
    faults.push({
      field: 'metadata',
      reason,
      message: 'metadata must be an object with a name',
      remedy: 'write metadata: {name: ...}',
    });
  }
  if (strict) {
    for (const key of Object.keys(given)) {
      if (!objectMeta.includes(key))
        faults.push(unknownField(`metadata.${key}`, key, objectMeta.slice(0, 4)));
    }
  }
  const metadata: WorkspaceMetadata = {
    name: isJsonObject(value) ? readName(given, findings) : '',
    namespace: readNamespace(given, findings),
    labels: readStringMap(given['labels'], 'metadata.labels', findings),
    annotations: readStringMap(given['annotations'], 'metadata.annotations', findings),
    ...readServerFields(given),
  };
  checkLabels(metadata.labels, 'metadata.labels', findings);
  checkAnnotations(metadata.annotations, findings);
  if (strict) checkOwnAnnotations(metadata.annotations, findings);
  return metadata;
}

function readName(given: JsonObject, { faults }: Findings): string {
  const name = given['name'];
  const field = 'metadata.name';
  if (name === undefined || name === '') {
    const remedy =
      given['generateName'] === undefined
        ? 'name the Workspace'
        : 'name the Workspace; generateName is not supported';
    faults.push({ field, reason: CauseReason.Required, message: 'metadata.name is required', remedy });
    return '';
  }
  if (typeof name !== 'string') {
    faults.push({
      field,
      reason: CauseReason.TypeInvalid,
      message: `must be text, not ${shown(name)}`,
      remedy: name === null ? 'name the Workspace' : 'put it in quotes',
    });
    return '';
  }
  if (!isDnsLabel(name)) {
    faults.push({
      field,
      reason: CauseReason.Invalid,
      message: `${shown(name)} is not a DNS label`,
      remedy:
        'use at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
    });
  }
  return name;
}

function readNamespace(given: JsonObject, { faults }: Findings): string {
  const namespace = given['namespace'];
  if (namespace === undefined || namespace === null || namespace === '') return defaultNamespace;
  if (typeof namespace === 'string' && isDnsLabel(namespace)) return namespace;
  const reason = typeof namespace === 'string' ? CauseReason.Invalid : CauseReason.TypeInvalid;
  faults.push({
    field: 'metadata.namespace',
    reason,
    message: `${shown(namespace)} is not the name of a namespace`,
    remedy: 'use at most 63 lower-case letters, digits and "-"',
  });
  return defaultNamespace;
}

function readStringMap(value: unknown, field: string, { faults }: Findings): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) {
    faults.push({
      field,
      reason: CauseReason.TypeInvalid,
      message: `must be an object, not ${shown(value)}`,
      remedy: 'write keys with text: {key: "value"}',
    });
    return {};
  }
  const result: Record<string, string> = {};
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string') result[key] = item;
    else {
      const remedy = 'put it in quotes';
      faults.push({
        field: `${field}[${key.slice(0, 120)}]`,
        reason: CauseReason.TypeInvalid,
        message: `must be text, not ${shown(item)}`,
        remedy,
      });
    }
  }
  return result;
}

type ServerFields = Partial<Omit<WorkspaceMetadata, 'name' | 'namespace' | 'labels' | 'annotations'>>;

function readServerFields(given: JsonObject): ServerFields {
  const fields: ServerFields = {};
  for (const key of ['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'] as const) {
    const value = given[key];
    if (typeof value === 'string') fields[key] = value;
  }
  if (typeof given['generation'] === 'number') fields.generation = given['generation'];
  const finalizers: unknown = given['finalizers'];
  if (Array.isArray(finalizers)) fields.finalizers = finalizers.filter((item) => typeof item === 'string');
  return fields;
}

/** Refuses labels that the API server would refuse, be it on the object or on a node. */
export function checkLabels(
  labels: Readonly<Record<string, string>>,
  field: string,
  { faults }: Findings,
): void {
  for (const [key, value] of Object.entries(labels)) {
    const at = `${field}[${key.slice(0, 120)}]`;
    if (!isQualifiedKey(key)) {
      faults.push({
        field: at,
        reason: CauseReason.Invalid,
        message: `${shown(key)} is not a label key`,
        remedy: 'use letters, digits, "-", "_" and ".", after an optional DNS prefix and "/"',
      });
    }
    if (!isLabelValue(value)) {
      faults.push({
        field: at,
        reason: CauseReason.Invalid,
        message: `${shown(value)} is not a label value`,
        remedy: 'use at most 63 letters, digits, "-", "_" and "."',
      });
    }
  }
}

function checkAnnotations(annotations: Readonly<Record<string, string>>, { faults }: Findings): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += key.length + value.length;
    if (isQualifiedKey(key.toLowerCase())) continue;
    faults.push({
      field: `metadata.annotations[${key.slice(0, 120)}]`,
      reason: CauseReason.Invalid,
      message: `${shown(key)} is not an annotation key`,
      remedy: 'use letters, digits, "-", "_" and ".", after an optional DNS prefix and "/"',
    });
  }
  if (bytes > annotationBytes) {
    faults.push({
      field: 'metadata.annotations',
      reason: CauseReason.TooLong,
      message: `annotations have ${bytes} bytes; at most ${annotationBytes} fit`,
      remedy: 'keep data in ConfigMaps',
    });
  }
}

const ownPrefix = 'slipway.dev/';

/** A misspelt option would silently do nothing. In a stored record one is passed over: a later version may have known it. */
function checkOwnAnnotations(annotations: Readonly<Record<string, string>>, { faults }: Findings): void {
  const options: string[] = Object.values(SlipwayAnnotation);
  const names = options.map((option) => option.slice(ownPrefix.length));
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(ownPrefix) || options.includes(key)) continue;
    if (key === ControllerAnnotation.acceptedAt || key === ControllerAnnotation.steeredAt) continue;
    // By the part after the prefix: the prefix alone would make every key look near.
    const nearest = suggest(key.slice(ownPrefix.length), names);
    faults.push({
      field: `metadata.annotations[${key.slice(0, 120)}]`,
      reason: CauseReason.NotSupported,
      message: `${shown(key)} is not an annotation of Slipway`,
      remedy:
        nearest === undefined
          ? `remove it; known: ${options.join(', ')}`
          : `did you mean ${ownPrefix}${nearest}?`,
    });
  }
}
