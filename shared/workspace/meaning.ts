import { Annotation, ControllerAnnotation } from './annotations.ts';
import { isJsonObject, type JsonObject } from './schema/structural-schema.ts';
import { canonicalQuantity } from './quantity.ts';
import type { Workspace } from './workspace.ts';

/**
 * A Workspace's spec in a form that is equal for equal meaning: without what says nothing (empty texts, lists and objects),
 * names that count without case in lower case, quantities and decimals in one form. Not a Workspace: it is only compared and hashed.
 */
export interface SpecMeaning {
  resource: JsonObject;
  inference: JsonObject | undefined;
  tuning: JsonObject | undefined;
}

export function specMeaning({ resource, inference, tuning }: Workspace): SpecMeaning {
  return {
    resource: folded({ ...resource, instanceType: resource.instanceType?.toLowerCase() }),
    inference:
      inference &&
      folded({
        ...inference,
        preset: inference.preset && { ...inference.preset, name: inference.preset.name.toLowerCase() },
        adapters: inference.adapters?.map((adapter) => ({
          ...adapter,
          strength: inOneForm(adapter.strength),
        })),
      }),
    tuning:
      tuning &&
      folded({
        ...tuning,
        preset: tuning.preset && { ...tuning.preset, name: tuning.preset.name.toLowerCase() },
        method: tuning.method?.toLowerCase(),
      }),
  };
}

/** KAITO keeps the inputs of model streaming under a prefix of their own. Source: reference, a.3. */
const intentPrefixes = ['kaito.sh/', 'inference.kaito.sh/', 'slipway.dev/'];
const written: ReadonlySet<string> = new Set(Object.values(ControllerAnnotation));

/** Whether an annotation tells what the user wants, rather than what a controller noted. */
export function isIntent(key: string): boolean {
  return intentPrefixes.some((prefix) => key.startsWith(prefix)) && !written.has(key);
}

/** The annotations that ask for something, each with what its value comes to; those that ask for the default are left out. */
export function annotationMeaning(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const meanings: Record<string, string> = {};
  for (const [key, value] of Object.entries(annotations)) {
    const meaning = isIntent(key) ? valueMeaning(key, value) : undefined;
    if (meaning !== undefined) meanings[key] = meaning;
  }
  return meanings;
}

/** The one value of these annotations that does something; every other leaves the default. Source: reference, a.3. */
const onlyValue: Readonly<Record<string, string>> = {
  [Annotation.enableLoadBalancer]: 'True',
  [Annotation.runtime]: 'transformers',
  [Annotation.disableBenchmark]: 'true',
  [Annotation.useLocalWeights]: 'true',
  [Annotation.modelStreaming]: 'disabled',
};

function valueMeaning(key: string, value: string): string | undefined {
  const only = onlyValue[key];
  if (only !== undefined) return value === only ? value : undefined;
  switch (key) {
    case Annotation.bypassResourceChecks:
      return 'present';
    case Annotation.performanceMode:
      return value === 'balanced' ? undefined : value;
    case Annotation.nodeImageFamily:
      return value.trim().toLowerCase() === 'ubuntu' ? undefined : value.trim().toLowerCase();
    case Annotation.nodeClassName:
      return value === '' ? undefined : value;
    default:
      return value;
  }
}

/** What the user hands to Kubernetes: an empty object there is not nothing (`emptyDir: {}`). */
const handedOver: ReadonlySet<string> = new Set(['template', 'volumeSource']);
/** Of these only the whole may be left out: a label with an empty value is a label. */
const asWritten: ReadonlySet<string> = new Set(['matchLabels', 'matchExpressions']);

function folded(object: object): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const item = handedOver.has(key) ? withQuantities(value) : asWritten.has(key) ? value : foldedItem(value);
    if (saysSomething(item) || (handedOver.has(key) && isJsonObject(item))) result[key] = item;
  }
  return result;
}

function foldedItem(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(foldedItem);
  return isJsonObject(value) ? folded(value) : value;
}

function saysSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isJsonObject(value) || Object.keys(value).length > 0;
}

const quantityMaps: ReadonlySet<string> = new Set(['limits', 'requests', 'overhead']);
const quantityFields: ReadonlySet<string> = new Set(['sizeLimit', 'divisor']);

/** Quantities in pod templates and volume sources, by the names of the fields that hold them. */
function withQuantities(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withQuantities(item));
  if (isJsonObject(value)) {
    const entries = Object.entries(value);
    const inner = quantityMaps.has(key) ? 'divisor' : undefined;
    return Object.fromEntries(entries.map(([name, item]) => [name, withQuantities(item, inner ?? name)]));
  }
  if (!quantityFields.has(key) || (typeof value !== 'string' && typeof value !== 'number')) return value;
  return canonicalQuantity(value) ?? value;
}

/** `0.5` and `.50` are one strength. */
function inOneForm(strength: string | undefined): string | undefined {
  const text = strength?.trim() ?? '';
  return text === '' || Number.isNaN(Number(text)) ? strength : String(Number(text));
}
