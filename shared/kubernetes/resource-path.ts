import { Terminal } from '../errors/slipway-error.ts';

export interface ResourceLocation {
  /** Such as `v1` or `apps/v1`. */
  apiVersion: string;
  plural: string;
  /** Absent for cluster-scoped types and for all namespaces. */
  namespace?: string | undefined;
  /** Absent for the collection. */
  name?: string;
  subresource?: 'status';
}

/** Path of a resource under the server's root. Throws `Terminal('Invalid')` for a name that would lead to another path: URLs resolve dots. */
export function resourcePath({ apiVersion, plural, namespace, name, subresource }: ResourceLocation): string {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const segments = [
    ...apiVersion.split('/'),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  const dots = segments.find((segment) => /^\.{0,2}$/.test(segment));
  if (dots !== undefined)
    throw new Terminal('Invalid', { message: `"${dots}" is not a name in Kubernetes.` });
  return [root, ...segments.map(encodeURIComponent)].join('/');
}

/** Plurals of the kinds that Slipway makes: known ones need no discovery call. */
const plurals: ReadonlyMap<string, string> = new Map([
  ['v1/Namespace', 'namespaces'],
  ['v1/Service', 'services'],
  ['v1/ConfigMap', 'configmaps'],
  ['v1/PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['v1/ServiceAccount', 'serviceaccounts'],
  ['apps/v1/StatefulSet', 'statefulsets'],
  ['apps/v1/Deployment', 'deployments'],
  ['apps/v1/DaemonSet', 'daemonsets'],
  ['batch/v1/Job', 'jobs'],
  ['apiextensions.k8s.io/v1/CustomResourceDefinition', 'customresourcedefinitions'],
]);

/** Throws `Terminal('Invalid')` for a kind that Slipway never makes. */
export function pluralOf(apiVersion: string, kind: string): string {
  const plural = plurals.get(`${apiVersion}/${kind}`);
  if (plural === undefined) {
    throw new Terminal('Invalid', { message: `Slipway makes no objects of ${apiVersion}, Kind=${kind}.` });
  }
  return plural;
}
