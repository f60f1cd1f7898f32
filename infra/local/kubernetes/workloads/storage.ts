import { ensureObject, equalJson, isObject, objectAt, setDefault, type JsonObject } from '../json.ts';
import type { Behaviour } from '../resources/definition.ts';
import { fault } from '../status.ts';

export const persistentVolumeClaims: Behaviour = {
  defaults: (claim) => setDefault(ensureObject(claim, 'spec'), 'volumeMode', 'Filesystem'),
  admit(claim) {
    claim['status'] = { phase: 'Pending' };
  },
  validate(claim, old) {
    const spec = objectAt(claim, 'spec') ?? {};
    if (spec['accessModes'] === undefined)
      return [fault.required('spec.accessModes', 'at least 1 access mode is required')];
    if (objectAt(spec, 'resources', 'requests')?.['storage'] === undefined)
      return [fault.required('spec.resources[storage]')];
    const frozen = (object: JsonObject | undefined): JsonObject => {
      const { resources: _, volumeName, ...rest } = objectAt(object, 'spec') ?? {};
      return objectAt(old, 'spec')?.['volumeName'] ? { ...rest, volumeName } : rest;
    };
    if (old === undefined || equalJson(frozen(claim), frozen(old))) return [];
    return [
      fault.forbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    ];
  },
};

export const persistentVolumes: Behaviour = {
  defaults(volume) {
    const spec = ensureObject(volume, 'spec');
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    setDefault(spec, 'volumeMode', 'Filesystem');
  },
  admit(volume) {
    volume['status'] = { phase: 'Available' };
  },
};

export const storageClasses: Behaviour = {
  defaults(storageClass) {
    setDefault(storageClass, 'reclaimPolicy', 'Delete');
    setDefault(storageClass, 'volumeBindingMode', 'Immediate');
  },
  validate: (storageClass) => (storageClass['provisioner'] ? [] : [fault.required('provisioner')]),
};

/** `stringData` is write-only: it is folded into `data` as base64. */
export const secrets: Behaviour = {
  defaults(secret) {
    setDefault(secret, 'type', 'Opaque');
    const plain = secret['stringData'];
    if (!isObject(plain)) return;
    const data = ensureObject(secret, 'data');
    for (const [key, value] of Object.entries(plain))
      data[key] = Buffer.from(String(value)).toString('base64');
    delete secret['stringData'];
  },
  validate(secret, old) {
    if (old !== undefined && secret['type'] !== old['type'])
      return [fault.invalid('type', secret['type'], 'field is immutable')];
    return immutableContent(secret, old);
  },
};

export const configMaps: Behaviour = { validate: immutableContent };

function immutableContent(object: JsonObject, old: JsonObject | undefined) {
  if (old?.['immutable'] !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  return ['data', 'binaryData', 'stringData', 'immutable']
    .filter((field) => !equalJson(object[field], old[field]))
    .map((field) => fault.forbidden(field, detail));
}
