import { builtinSchema } from '../schema/builtin-schemas.ts';
import { anything } from '../schema/schema.ts';
import { behaviours } from '../workloads/behaviours.ts';
import { builtinColumns } from './builtin-columns.ts';
import type { ResourceDefinition, ScalePaths } from './definition.ts';

interface BuiltinKind {
  kind: string;
  plural: string;
  group?: string;
  version?: string;
  shortNames?: string[];
  categories?: string[];
  clusterScoped?: boolean;
  hasStatus?: boolean;
  scale?: ScalePaths;
  hasGeneration?: boolean;
  selectableFields?: string[];
  /** OpenAPI package when it is not `io.k8s.api.<group>.<version>`. */
  schema?: string;
}

const replicas: ScalePaths = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  labelSelector: 'status.selector',
};
const workload = { group: 'apps', categories: ['all'], hasStatus: true, hasGeneration: true };
const rbac = { group: 'rbac.authorization.k8s.io' };

const kinds: readonly BuiltinKind[] = [
  {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    clusterScoped: true,
    hasStatus: true,
    selectableFields: ['status.phase'],
  },
  {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    clusterScoped: true,
    hasStatus: true,
    selectableFields: ['spec.unschedulable'],
  },
  {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    hasGeneration: true,
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
    ],
  },
  {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    selectableFields: ['spec.clusterIP', 'spec.type'],
  },
  { kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'] },
  { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  { kind: 'Secret', plural: 'secrets', selectableFields: ['type'] },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    selectableFields: [
      ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
        (field) => `involvedObject.${field}`,
      ),
      ...['reason', 'reportingComponent', 'source', 'type'],
    ],
  },
  { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'], hasStatus: true },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    clusterScoped: true,
    hasStatus: true,
  },
  { ...workload, kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], scale: replicas },
  { ...workload, kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], scale: replicas },
  { ...workload, kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'] },
  {
    ...workload,
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    scale: replicas,
    selectableFields: ['status.replicas'],
  },
  { kind: 'ControllerRevision', plural: 'controllerrevisions', group: 'apps' },
  {
    kind: 'Job',
    plural: 'jobs',
    group: 'batch',
    categories: ['all'],
    hasStatus: true,
    hasGeneration: true,
    selectableFields: ['status.successful'],
  },
  {
    kind: 'Lease',
    plural: 'leases',
    group: 'coordination.k8s.io',
    schema: 'io.k8s.api.coordination.v1.Lease',
  },
  {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    group: 'discovery.k8s.io',
    hasGeneration: true,
    schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  },
  {
    kind: 'StorageClass',
    plural: 'storageclasses',
    group: 'storage.k8s.io',
    shortNames: ['sc'],
    clusterScoped: true,
    schema: 'io.k8s.api.storage.v1.StorageClass',
  },
  { ...rbac, kind: 'Role', plural: 'roles', schema: 'io.k8s.api.rbac.v1.Role' },
  { ...rbac, kind: 'RoleBinding', plural: 'rolebindings', schema: 'io.k8s.api.rbac.v1.RoleBinding' },
  {
    ...rbac,
    kind: 'ClusterRole',
    plural: 'clusterroles',
    clusterScoped: true,
    schema: 'io.k8s.api.rbac.v1.ClusterRole',
  },
  {
    ...rbac,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    clusterScoped: true,
    schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  },
  {
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    group: 'apiextensions.k8s.io',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    hasStatus: true,
    hasGeneration: true,
  },
];

/** Every built-in kind the simulator serves, each at its GA version. */
export function builtinDefinitions(): ResourceDefinition[] {
  return kinds.map((kind) => {
    const {
      group = '',
      version = 'v1',
      plural,
      schema = `io.k8s.api.${group === '' ? 'core' : group}.${version}.${kind.kind}`,
    } = kind;
    return {
      group,
      version,
      kind: kind.kind,
      listKind: `${kind.kind}List`,
      plural,
      singular: kind.kind.toLowerCase(),
      shortNames: kind.shortNames ?? [],
      categories: kind.categories ?? [],
      namespaced: kind.clusterScoped !== true,
      custom: false,
      // The meta-schema of CRDs is open: a CRD's own schema is data to us.
      schema: kind.kind === 'CustomResourceDefinition' ? anything : builtinSchema(schema),
      hasStatus: kind.hasStatus ?? false,
      ...(kind.scale === undefined ? {} : { scale: kind.scale }),
      columns: builtinColumns(plural),
      storageVersion: version,
      hasGeneration: kind.hasGeneration ?? false,
      selectableFields: kind.selectableFields ?? [],
      behaviour: behaviours[plural] ?? {},
    };
  });
}
