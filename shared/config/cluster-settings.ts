import type { ManagedClusterId } from '../azure/resource-id.ts';
import { parseManagedClusterId } from '../azure/resource-id.ts';
import type { ProvisionerSettings } from './provisioner-settings.ts';
import { provisionerFields, readProvisioner } from './provisioner-settings.ts';
import type { SettingFaults } from './setting-fault.ts';

const setting = 'SLIPWAY_CLUSTERS';
const example =
  '[{"name":"main","resourceId":"/subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<cluster>"}]';

/** One cluster that workspaces may live in. */
export interface ClusterSettings extends ManagedClusterId {
  /** What routes and keys call it: a DNS label. */
  name: string;
  resourceId: string;
  /** Path of a kubeconfig to use instead of asking ARM for one. */
  kubeconfig?: string;
  /** Azure's name of its region; without it ARM is asked. */
  location?: string;
  /** Where its GPU nodes come from; agent pools unless given. */
  provisioner?: ProvisionerSettings;
}

export interface ClusterList {
  clusters: ClusterSettings[];
  /** Name of the cluster that a request without `?cluster=` means. */
  defaultCluster: string;
}

/** Reads the JSON of `SLIPWAY_CLUSTERS`; undefined when it is so wrong that nothing can be said about a default. */
export function readClusters(text: string | undefined, faults: SettingFaults): ClusterList | undefined {
  if (text === undefined) {
    faults.add(setting, 'is missing', `Set it to a JSON list such as ${example}`);
    return undefined;
  }
  const entries = parseList(text);
  if (entries === undefined) {
    faults.add(setting, 'is not a JSON list', `Expected ${example}`);
    return undefined;
  }
  if (entries.length === 0) {
    faults.add(setting, 'names no cluster', `Expected ${example}`);
    return undefined;
  }

  const read = entries.map((entry, index) => readCluster(entry, `${setting}[${index}]`, faults));
  const clusters = read.flatMap((one) => (one === undefined ? [] : [one.cluster]));
  reportDuplicates(clusters, faults);
  const marked = read.flatMap((one) => (one?.isDefault === true ? [one.cluster.name] : []));
  const [defaultCluster] = entries.length === 1 ? clusters.map(({ name }) => name) : marked;
  if (marked.length > 1) {
    faults.add(
      setting,
      `marks ${marked.length} clusters as default (${marked.join(', ')})`,
      'Mark exactly one.',
    );
  } else if (entries.length > 1 && marked.length === 0) {
    faults.add(setting, 'marks no cluster as default', 'Give exactly one of them "default": true.');
  }
  return defaultCluster === undefined ? undefined : { clusters, defaultCluster };
}

function parseList(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // the caller tells what was expected; the parser's message could quote the value
  }
}

function readCluster(
  entry: unknown,
  path: string,
  faults: SettingFaults,
): { cluster: ClusterSettings; isDefault: boolean } | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    faults.add(path, 'is not an object', `Expected ${example}`);
    return undefined;
  }
  const fields = new Map<string, unknown>(Object.entries(entry));
  const known = ['name', 'resourceId', 'default', 'kubeconfig', 'location', ...provisionerFields];
  for (const key of fields.keys()) {
    if (!known.includes(key))
      faults.add(`${path}.${key}`, 'is not known', `Known fields: ${known.join(', ')}.`);
  }
  const name = fields.get('name');
  const resourceId = fields.get('resourceId');
  const isDefault = fields.get('default') ?? false;
  const kubeconfig = fields.get('kubeconfig');
  const validName = typeof name === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
  if (!validName) {
    faults.add(`${path}.name`, 'is not a DNS label', 'Use up to 63 lower-case letters, digits and hyphens.');
  }
  const id = typeof resourceId === 'string' ? parseManagedClusterId(resourceId) : undefined;
  if (id === undefined) {
    faults.add(
      `${path}.resourceId`,
      'is not the full ARM id of a managed cluster',
      'Copy it from: az aks show --query id --output tsv',
    );
  }
  if (typeof isDefault !== 'boolean')
    faults.add(`${path}.default`, 'is not true or false', 'Remove it or set true.');
  const validFile = kubeconfig === undefined || (typeof kubeconfig === 'string' && kubeconfig !== '');
  if (!validFile)
    faults.add(`${path}.kubeconfig`, 'is not a file path', 'Remove it to use the kubeconfig from ARM.');
  const location = fields.get('location');
  const validLocation =
    location === undefined || (typeof location === 'string' && /^[a-z][a-z0-9]{2,49}$/.test(location));
  if (!validLocation) {
    faults.add(
      `${path}.location`,
      "is not Azure's name of a region",
      'Write it as az account list-locations does, such as eastus, or remove it.',
    );
  }
  const provisioner = readProvisioner(fields, path, faults);
  if (!validName || id === undefined || typeof resourceId !== 'string' || !validFile || !validLocation)
    return undefined;
  if (provisioner === undefined) return undefined;
  const cluster = {
    name,
    resourceId,
    ...id,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(location === undefined ? {} : { location }),
    ...(isUsual(provisioner) ? {} : { provisioner }),
  };
  return { cluster, isDefault: isDefault === true };
}

/** Agent pools, one for each workspace: what it is where nothing is said. */
function isUsual(provisioner: ProvisionerSettings): boolean {
  return provisioner.kind === 'agentPool' && provisioner.nodeAllocation === undefined;
}

function reportDuplicates(clusters: ClusterSettings[], faults: SettingFaults): void {
  const seen = { name: new Set<string>(), resourceId: new Set<string>() };
  for (const cluster of clusters) {
    if (seen.name.has(cluster.name)) {
      faults.add(setting, `names two clusters ${cluster.name}`, 'Give each cluster its own name.');
    }
    const id = cluster.resourceId.toLowerCase();
    if (seen.resourceId.has(id)) {
      faults.add(setting, `lists the cluster of ${cluster.name} twice`, 'List each managed cluster once.');
    }
    seen.name.add(cluster.name);
    seen.resourceId.add(id);
  }
}
