import type { ResourceType } from '../../kubernetes/contract.ts';

const core = (plural: string): ResourceType => ({ group: '', version: 'v1', plural });
const apps = (plural: string): ResourceType => ({ group: 'apps', version: 'v1', plural });

/** The resource types that controllers read and write. */
export const resources = {
  nodes: core('nodes'),
  pods: core('pods'),
  services: core('services'),
  endpoints: core('endpoints'),
  events: core('events'),
  configMaps: core('configmaps'),
  secrets: core('secrets'),
  persistentVolumeClaims: core('persistentvolumeclaims'),
  deployments: apps('deployments'),
  replicaSets: apps('replicasets'),
  statefulSets: apps('statefulsets'),
  daemonSets: apps('daemonsets'),
  jobs: { group: 'batch', version: 'v1', plural: 'jobs' },
  endpointSlices: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' },
} as const satisfies Record<string, ResourceType>;
