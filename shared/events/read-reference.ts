import { CauseReason, shown } from '../workspace/fault.ts';
import type { Fault } from '../workspace/fault.ts';
import { isDnsLabel, isDnsSubdomain } from '../workspace/names.ts';
import { defaultNamespace, group, kind } from '../workspace/workspace.ts';
import type { Request } from './event-types.ts';
import { isRecord } from '../workspace/json-object.ts';

type Read = { ok: true; request: Request } | { ok: false; faults: Fault[] };

const referenceFields = ['cluster', 'namespace', 'name', 'uid'] as const;
/** A uid of Kubernetes has 36 characters; more than a few times that is none. */
const longestUid = 128;

/** Whether it means one record: all four of its coordinates are given. */
export function isReference(data: Record<string, unknown>): boolean {
  return referenceFields.every((field) => data[field] !== undefined);
}

/** A record by cluster, namespace, name and uid. */
export function readReference(data: Record<string, unknown>): Read {
  const { cluster, namespace, name, uid } = data;
  const faults = referenceFields
    .filter((field) => data[field] === undefined || data[field] === '')
    .map((field) => ({
      field,
      reason: CauseReason.Required,
      message: `${field} is required`,
      remedy: 'A fact names its record by cluster, namespace, name and uid.',
    }));
  if (faults.length > 0) return { ok: false, faults };
  if (isText(cluster) && isNamespace(namespace) && isName(name) && isUid(uid))
    return { ok: true, request: { kind: 'reference', reference: { cluster, namespace, name, uid } } };
  return {
    ok: false,
    faults: [
      ...(isText(cluster) ? [] : [invalid('cluster', cluster)]),
      ...(isNamespace(namespace) ? [] : [invalid('namespace', namespace)]),
      ...(isName(name) ? [] : [invalid('name', name)]),
      ...(isUid(uid) ? [] : [invalid('uid', uid)]),
    ],
  };
}

/** `{namespace, name}`, or a Workspace document, of which only the metadata counts. Faults name fields below the data. */
export function readDelete(data: Record<string, unknown>, cluster: string | undefined): Read {
  const nested = data['metadata'];
  const metadata = isRecord(nested) ? nested : data;
  const path = isRecord(nested) ? 'metadata.' : '';
  const { name, namespace = defaultNamespace } = metadata;
  const faults = [...foreignFaults(data), clusterFault(data)].filter((found) => found !== undefined);
  if (name === undefined || name === '') {
    const message = 'name of the workspace to delete is required';
    faults.push({ field: `${path}name`, reason: CauseReason.Required, message });
  } else if (!isName(name)) faults.push(invalid(`${path}name`, name));
  if (!isNamespace(namespace)) faults.push(invalid(`${path}namespace`, namespace));
  if (!isName(name) || !isNamespace(namespace) || faults.length > 0) return { ok: false, faults };
  const named = typeof data['cluster'] === 'string' ? data['cluster'] : cluster;
  return { ok: true, request: { kind: 'delete', namespace, name, cluster: named } };
}

/** A cluster that is named, but not by text: to read it as none would mean the default one. */
export function clusterFault(data: Record<string, unknown>): Fault | undefined {
  const { cluster } = data;
  return cluster === undefined || isText(cluster) ? undefined : invalid('cluster', cluster);
}

/** A document of another kind, and a uid beside an incomplete reference, mean something else than this workspace. */
function foreignFaults(data: Record<string, unknown>): Fault[] {
  const { kind: given, apiVersion, uid } = data;
  return [
    ...(given === undefined || given === kind ? [] : [notSupported('kind', given)]),
    ...(apiVersion === undefined || (isText(apiVersion) && apiVersion.startsWith(`${group}/`))
      ? []
      : [notSupported('apiVersion', apiVersion)]),
    ...(uid === undefined
      ? []
      : [{ ...notSupported('uid', uid), remedy: 'name cluster, namespace, name and uid' }]),
  ];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isNamespace(value: unknown): value is string {
  return isText(value) && isDnsLabel(value);
}

function isName(value: unknown): value is string {
  return isText(value) && isDnsSubdomain(value);
}

function isUid(value: unknown): value is string {
  return isText(value) && value.length <= longestUid;
}

function invalid(field: string, value: unknown): Fault {
  return typeof value === 'string'
    ? { field, reason: CauseReason.Invalid, message: `${shown(value)} is not a valid ${field}` }
    : { field, reason: CauseReason.TypeInvalid, message: `must be text, not ${shown(value)}` };
}

function notSupported(field: string, value: unknown): Fault {
  return { field, reason: CauseReason.NotSupported, message: `${field} ${shown(value)} is not supported` };
}
