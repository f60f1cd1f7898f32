import { createHash } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import type { Timings } from '../cluster/timings.ts';
import { openAzureState } from './azure-state.ts';
import { DueTimer } from '../cluster/runtime/due-timer.ts';
import { completeDueOperations, nextOperationDue, storeCluster, storePool } from './operation-lifecycle.ts';
import { withDefaults } from './pool-properties.ts';
import { machineName } from './resource-ids.ts';
import type { AzureContext, ClusterSetting } from './settings.ts';

export interface SubscriptionOptions {
  clock: Clock;
  dataDirectory: string;
  timings: Timings;
  subscriptionId: string;
  resourceGroup: string;
  clusters: ClusterSetting[];
  kubernetesUrl(cluster: string): string;
  certificateAuthority: string;
}

/** The simulated subscription: its state, and the operations that end as virtual time passes. */
export interface Subscription {
  context: AzureContext;
  /** Called after changes that clusters must follow. */
  onChange(listener: () => void): void;
  /** True when an operation is due and not yet ended. */
  busy(): boolean;
  stop(): void;
}

/** The pool every cluster is born with. */
const systemPool = { name: 'nodepool1', vmSize: 'Standard_D4ds_v5' };

/** Opens the subscription in `dataDirectory`, makes clusters that are new, and catches up with operations that fell due. */
export function openSubscription(options: SubscriptionOptions): Subscription {
  const { clock, timings, subscriptionId, resourceGroup, clusters } = options;
  const state = openAzureState(options.dataDirectory);
  const listeners: (() => void)[] = [];
  const context: AzureContext = {
    clock,
    state,
    timings,
    subscriptionId,
    resourceGroup,
    certificateAuthority: options.certificateAuthority,
    kubernetesUrl: (cluster) => options.kubernetesUrl(cluster),
    operationLock: (name) => clusters.find((cluster) => cluster.name === name)?.operationLock ?? 'pool',
    changed: () => {
      timer.set(nextOperationDue(context));
      for (const listener of listeners) listener();
    },
  };
  const timer = new DueTimer(clock, () => {
    completeDueOperations(context);
    timer.set(nextOperationDue(context));
  });
  for (const cluster of clusters) {
    if (state.clusters.get(cluster.name) === undefined)
      state.atomically(() => createCluster(context, cluster));
  }
  completeDueOperations(context);
  timer.set(nextOperationDue(context));
  return {
    context,
    onChange: (listener) => void listeners.push(listener),
    busy: () => timer.overdue,
    stop: () => {
      timer.set(undefined);
      state.close();
    },
  };
}

function createCluster(context: AzureContext, setting: ClusterSetting): void {
  const now = context.clock.now();
  const nodeSuffix = eightDigits(`${context.subscriptionId}/${setting.name}`);
  storeCluster(context, {
    name: setting.name,
    location: setting.location ?? 'eastus',
    eTag: '',
    powerState: setting.powerState ?? 'Running',
    provisioningState: 'Succeeded',
    nodeSuffix,
    principalId: guidOf(`${context.subscriptionId}/${setting.name}/identity`),
    createdAt: now,
    deleted: false,
  });
  const name = machineName({ name: systemPool.name, nodeSuffix }, 0);
  storePool(context, {
    cluster: setting.name,
    name: systemPool.name,
    eTag: '',
    nodeSuffix,
    properties: withDefaults({ vmSize: systemPool.vmSize, mode: 'System', count: 1 }),
    provisioningState: 'Succeeded',
    createdAt: now,
    machines: [{ name, instance: 0, joinAt: now, readyAt: now, joined: false }],
    nextInstance: 1,
  });
}

/** AKS puts the same eight digits into the names of all nodes of a cluster; here they follow from its name. */
function eightDigits(text: string): string {
  const number = createHash('sha256').update(text).digest().readUInt32BE(0);
  return String(number % 100_000_000).padStart(8, '0');
}

function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
