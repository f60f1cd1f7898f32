import { CauseReason, shown, type Findings } from '../fault.ts';
import fieldData from '../schema/pod-fields.json' with { type: 'json' };
import { unknownField } from '../schema/read.ts';
import { isJsonObject, type JsonObject } from '../schema/structural-schema.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Fields of the user's pod template and volumes, which the CRD leaves open: what Kubernetes does not know is refused, as KAITO's webhook
 * refuses it by decoding strictly. For requests alone: a stored record may hold fields of a later Kubernetes.
 */
export function checkPodFields({ inference, tuning }: Workspace, findings: Findings): void {
  if (inference?.template !== undefined)
    checkObject('PodTemplateSpec', inference.template, 'inference.template', findings);
  for (const [index, { source }] of (inference?.adapters ?? []).entries())
    checkVolume(source?.volumeSource, `inference.adapters[${index}].source.volumeSource`, findings);
  checkVolume(tuning?.input.volumeSource, 'tuning.input.volumeSource', findings);
  checkVolume(tuning?.output.volumeSource, 'tuning.output.volumeSource', findings);
}

/** A volume source has the fields of a volume but its name, and no two kinds. Without any it is an empty directory. */
function checkVolume(volume: JsonObject | undefined, field: string, findings: Findings): void {
  if (volume === undefined) return;
  checkObject('VolumeSource', volume, field, findings);
  const kinds = Object.keys(volume).filter((key) => volume[key] !== null);
  if (kinds.length < 2) return;
  findings.faults.push({
    field,
    reason: CauseReason.Forbidden,
    message: `a volume has one kind, not ${kinds.length}: ${shown(kinds)}`,
    remedy: 'keep one of them',
  });
}

function checkObject(type: string, value: JsonObject, field: string, findings: Findings): void {
  const known = fieldsOf(type);
  for (const [key, item] of Object.entries(value)) {
    const path = `${field}.${key}`.slice(0, 200);
    const kind = known.get(key);
    if (kind === undefined) findings.faults.push(unknownField(path, key, [...known.keys()]));
    else if (item !== null) checkValue(kind, item, path, findings);
  }
}

function checkValue(kind: string, value: unknown, field: string, findings: Findings): void {
  if (kind.endsWith('[]')) {
    if (!Array.isArray(value)) refuse('a list', value, field, findings);
    else value.forEach((item, index) => checkValue(kind.slice(0, -2), item, `${field}[${index}]`, findings));
  } else if (kind === 'map' || kind === 'quantities') {
    if (!isJsonObject(value)) {
      refuse('an object', value, field, findings);
      return;
    }
    const inner = kind === 'map' ? 'text' : 'either';
    for (const [key, item] of Object.entries(value))
      if (item !== null) checkValue(inner, item, `${field}[${key}]`.slice(0, 200), findings);
  } else {
    const scalar = scalars[kind];
    if (scalar === undefined) {
      if (isJsonObject(value)) checkObject(kind, value, field, findings);
      else refuse('an object', value, field, findings);
    } else if (!scalar.types.includes(typeof value)) refuse(scalar.name, value, field, findings);
  }
}

const scalars: Readonly<Record<string, { name: string; types: readonly string[] }>> = {
  text: { name: 'text', types: ['string'] },
  number: { name: 'a number', types: ['number'] },
  flag: { name: 'true or false', types: ['boolean'] },
  either: { name: 'a number or text', types: ['number', 'string'] },
  any: { name: 'anything', types: ['string', 'number', 'boolean', 'object'] },
};

function refuse(wanted: string, value: unknown, field: string, { faults }: Findings): void {
  faults.push({
    field,
    reason: CauseReason.TypeInvalid,
    message: `must be ${wanted}, not ${shown(value)}`,
    remedy: wanted === 'text' && typeof value !== 'object' ? 'put it in quotes' : `write ${wanted}`,
  });
}

const read = new Map<string, ReadonlyMap<string, string>>();
const lines = new Map<string, string>(Object.entries(fieldData));

/** Field names of a type with their kinds, split on first use: few requests have a template. */
function fieldsOf(type: string): ReadonlyMap<string, string> {
  const found = read.get(type);
  if (found !== undefined) return found;
  const fields = new Map<string, string>();
  for (const field of (lines.get(type === 'VolumeSource' ? 'Volume' : type) ?? '').split(' ')) {
    const [name = '', kind = ''] = field.split(':');
    if (type !== 'VolumeSource' || name !== 'name') fields.set(name, kind);
  }
  read.set(type, fields);
  return fields;
}
