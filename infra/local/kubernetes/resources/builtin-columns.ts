import { isObject, listAt, numberAt, objectAt, stringAt, type JsonObject } from '../json.ts';
import type { PrinterColumn } from './definition.ts';

/** Columns of `kubectl get` for a built-in kind between Name and Age, after the server's own printers. */
export function builtinColumns(plural: string): readonly PrinterColumn[] {
  const own = columns[plural];
  return own === undefined ? [] : [...own, age];
}

const age: PrinterColumn = { name: 'Age', type: 'date', cell: '.metadata.creationTimestamp' };

function column(name: string, cell: PrinterColumn['cell'], type = 'string'): PrinterColumn {
  return { name, type, cell };
}

/** `2/3`, absent counts being none. */
function ratio(ready: string, wanted: string): PrinterColumn['cell'] {
  return (object) => `${numberAt(object, 'status', ready) ?? 0}/${numberAt(object, 'spec', wanted) ?? 0}`;
}

function count(field: string): PrinterColumn['cell'] {
  return (object) => numberAt(object, 'status', field) ?? 0;
}

const columns: Record<string, readonly PrinterColumn[]> = {
  namespaces: [column('Status', '.status.phase')],
  nodes: [
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    column('Version', '.status.nodeInfo.kubeletVersion'),
  ],
  pods: [column('Ready', podReady), column('Status', podStatus), column('Restarts', podRestarts)],
  services: [
    column('Type', '.spec.type'),
    column('Cluster-IP', '.spec.clusterIP'),
    column('External-IP', () => '<none>'),
    column('Port(s)', (object) => servicePorts(object) || '<none>'),
  ],
  endpoints: [column('Endpoints', endpointAddresses)],
  configmaps: [column('Data', (object) => Object.keys(objectAt(object, 'data') ?? {}).length, 'integer')],
  secrets: [
    column('Type', '.type'),
    column('Data', (object) => Object.keys(objectAt(object, 'data') ?? {}).length, 'integer'),
  ],
  events: [
    column('Last Seen', '.lastTimestamp', 'date'),
    column('Type', '.type'),
    column('Reason', '.reason'),
    column('Object', eventObject),
    column('Message', '.message'),
  ],
  persistentvolumeclaims: [
    column('Status', '.status.phase'),
    column('Volume', '.spec.volumeName'),
    column('Capacity', '.status.capacity.storage'),
    column('StorageClass', '.spec.storageClassName'),
  ],
  deployments: [
    column('Ready', ratio('readyReplicas', 'replicas')),
    column('Up-to-date', count('updatedReplicas'), 'integer'),
    column('Available', count('availableReplicas'), 'integer'),
  ],
  statefulsets: [column('Ready', ratio('readyReplicas', 'replicas'))],
  replicasets: [
    column('Desired', (object) => numberAt(object, 'spec', 'replicas') ?? 0, 'integer'),
    column('Current', count('replicas'), 'integer'),
    column('Ready', count('readyReplicas'), 'integer'),
  ],
  daemonsets: [
    column('Desired', count('desiredNumberScheduled'), 'integer'),
    column('Current', count('currentNumberScheduled'), 'integer'),
    column('Ready', count('numberReady'), 'integer'),
    column('Up-to-date', count('updatedNumberScheduled'), 'integer'),
    column('Available', count('numberAvailable'), 'integer'),
  ],
  jobs: [column('Status', jobStatus), column('Completions', ratio('succeeded', 'completions'))],
  leases: [column('Holder', '.spec.holderIdentity')],
  storageclasses: [
    column('Provisioner', '.provisioner'),
    column('ReclaimPolicy', '.reclaimPolicy'),
    column('VolumeBindingMode', '.volumeBindingMode'),
  ],
};

function isTrue(object: JsonObject, type: string): boolean {
  return listAt(object, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === type && stringAt(condition, 'status') === 'True',
  );
}

function nodeStatus(node: JsonObject): string {
  const ready = isTrue(node, 'Ready') ? 'Ready' : 'NotReady';
  return objectAt(node, 'spec')?.['unschedulable'] === true ? `${ready},SchedulingDisabled` : ready;
}

function nodeRoles(node: JsonObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(objectAt(node, 'metadata', 'labels') ?? {}).filter((label) =>
    label.startsWith(prefix),
  );
  return roles.map((label) => label.slice(prefix.length)).join(',') || '<none>';
}

function podReady(pod: JsonObject): string {
  const ready = listAt(pod, 'status', 'containerStatuses').filter(
    (status) => isObject(status) && status['ready'] === true,
  );
  return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
}

/** Terminating, or why a container waits or ended, or the phase. */
function podStatus(pod: JsonObject): string {
  if (stringAt(pod, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  const [reason] = listAt(pod, 'status', 'containerStatuses').flatMap((status) => {
    const why =
      stringAt(status, 'state', 'waiting', 'reason') ?? stringAt(status, 'state', 'terminated', 'reason');
    return why === undefined ? [] : [why];
  });
  return reason ?? stringAt(pod, 'status', 'reason') ?? stringAt(pod, 'status', 'phase') ?? 'Unknown';
}

function podRestarts(pod: JsonObject): string {
  const restarts = listAt(pod, 'status', 'containerStatuses').map(
    (status) => numberAt(status, 'restartCount') ?? 0,
  );
  return String(restarts.reduce((sum, each) => sum + each, 0));
}

function servicePorts(service: JsonObject): string {
  return listAt(service, 'spec', 'ports')
    .map((port) => `${numberAt(port, 'port') ?? 0}/${stringAt(port, 'protocol') ?? 'TCP'}`)
    .join(',');
}

function endpointAddresses(endpoints: JsonObject): string {
  const addresses = listAt(endpoints, 'subsets').flatMap((subset) =>
    listAt(subset, 'addresses').flatMap((address) =>
      listAt(subset, 'ports').map(
        (port) => `${stringAt(address, 'ip') ?? ''}:${numberAt(port, 'port') ?? 0}`,
      ),
    ),
  );
  return addresses.join(',') || '<none>';
}

function eventObject(event: JsonObject): string {
  const kind = stringAt(event, 'involvedObject', 'kind') ?? '';
  return `${kind.toLowerCase()}/${stringAt(event, 'involvedObject', 'name') ?? ''}`;
}

function jobStatus(job: JsonObject): string {
  const known = ['Complete', 'Failed', 'Suspended'].find((type) => isTrue(job, type));
  return known ?? 'Running';
}
