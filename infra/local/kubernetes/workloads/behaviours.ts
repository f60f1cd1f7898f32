import { ensureObject, objectAt, setDefault, stringAt } from '../json.ts';
import type { Behaviour } from '../resources/definition.ts';
import { daemonSets, deployments, jobs, replicaSets, statefulSets } from './controllers.ts';
import { customResourceDefinitions } from './custom-resource-definitions.ts';
import { pods } from './pods.ts';
import { services } from './services.ts';
import { configMaps, persistentVolumeClaims, persistentVolumes, secrets, storageClasses } from './storage.ts';

/** A namespace holds its finalizer in the spec and its own name as a label. */
const namespaces: Behaviour = {
  defaults(namespace) {
    const labels = ensureObject(ensureObject(namespace, 'metadata'), 'labels');
    labels['kubernetes.io/metadata.name'] = stringAt(namespace, 'metadata', 'name');
  },
  admit(namespace) {
    namespace['spec'] = { finalizers: ['kubernetes'] };
    namespace['status'] = { phase: 'Active' };
  },
  carryOver(namespace, old) {
    namespace['spec'] = structuredClone(objectAt(old, 'spec'));
  },
};

/** A kubelet registers its node with the status it already knows. */
const nodes: Behaviour = {
  keepsStatusOnCreation: true,
  defaults: (node) => void ensureObject(node, 'spec'),
};

const roleBindings: Behaviour = {
  defaults(binding) {
    const role = ensureObject(binding, 'roleRef');
    setDefault(role, 'apiGroup', 'rbac.authorization.k8s.io');
  },
};

/** What built-in kinds do beyond their schema, by plural. */
export const behaviours: Record<string, Behaviour> = {
  namespaces,
  nodes,
  pods,
  services,
  secrets,
  deployments,
  jobs,
  configmaps: configMaps,
  persistentvolumeclaims: persistentVolumeClaims,
  persistentvolumes: persistentVolumes,
  replicasets: replicaSets,
  daemonsets: daemonSets,
  statefulsets: statefulSets,
  storageclasses: storageClasses,
  rolebindings: roleBindings,
  clusterrolebindings: roleBindings,
  customresourcedefinitions: customResourceDefinitions,
};
