import type { QueueMessage } from '../../../../shared/azure/message-sender.ts';
import type { ClusterConnection, Tombstone, WorkspaceEvent } from '../../../../shared/kubernetes/cluster.ts';
import type { AdmissionContext } from '../../../../shared/workspace/admission-context.ts';
import type { HubFetcher } from '../../../../shared/planning/hub.ts';
import { builtInFacts } from '../../../../shared/planning/built-in-facts.ts';
import type { RegionOffers, Services } from '../../../../shared/reconcile/services.ts';
import { FakeAzure } from './fake-azure.ts';
import { FakeBelongings } from './fake-belongings.ts';
import { FakeRecords } from './fake-records.ts';
import { FakeRefusals } from './fake-refusals.ts';
import { FakeWorkloads } from './fake-workloads.ts';

/** One cluster named `main` with everything around it, in memory, on a clock of its own. */
export class FakeWorld {
  /** Milliseconds since the epoch. */
  now = Date.UTC(2026, 2, 1, 8);
  readonly azure = new FakeAzure();
  readonly records = new FakeRecords(() => this.time());
  readonly workloads = new FakeWorkloads(() => this.azure.nodes());
  readonly refusals = new FakeRefusals();
  readonly sent: QueueMessage[] = [];
  readonly tombstones: Tombstone[] = [];
  readonly told: WorkspaceEvent[] = [];
  readonly belongings = new FakeBelongings();
  readonly services: Services;
  /** What the cluster's settings say of its nodes; nothing special, until a test says otherwise. */
  admission: Partial<AdmissionContext> = {};
  /** Nobody answers, until a test says who. */
  hub: HubFetcher = () => Promise.reject(new TypeError('fetch failed'));

  /** Azure tells nothing, until a test says otherwise. */
  offers: RegionOffers = {
    lookUp: ({ instanceTypes }) => Promise.resolve(builtInFacts('subscription', instanceTypes)),
  };

  constructor() {
    const system: ClusterConnection['system'] = {
      identity: () => Promise.resolve('kube-system-uid'),
      install: () => Promise.resolve({ established: true }),
      ensureDevicePlugin: () => Promise.resolve('ours'),
      holdOwnership: (holder) => Promise.resolve({ holder, epoch: 1 }),
      checkOwnership: (holder) => Promise.resolve({ holder, epoch: 1 }),
      rememberDelete: (tombstone) => {
        this.tombstones.push(tombstone);
        return Promise.resolve();
      },
      findTombstone: ({ namespace, name }) =>
        Promise.resolve(
          this.tombstones.findLast(
            ({ workspace }) => workspace.namespace === namespace && workspace.name === name,
          ),
        ),
      forgetTombstones: () => Promise.resolve(0),
    };
    const { records, workloads, refusals } = this;
    const events: ClusterConnection['events'] = {
      record: (event) => {
        this.told.push(event);
        return Promise.resolve();
      },
    };
    const { belongings } = this;
    const connection = { name: 'main', belongings, records, workloads, system, refusals, events };
    const cluster = {
      name: 'main',
      resourceId: '/subscriptions/s',
      subscriptionShare: 1,
      connection,
      provisioner: this.azure,
    };
    this.services = {
      owner: 'slipway-test',
      orphanSweep: 'remove',
      clusterNames: ['main'],
      defaultCluster: 'main',
      cluster: () => Promise.resolve(cluster),
      admission: () => this.admission,
      hub: (url, options) => this.hub(url, options),
      offers: { lookUp: (question) => this.offers.lookUp(question) },
      messages: {
        send: (messages) => {
          this.sent.push(...messages);
          return Promise.resolve();
        },
        schedule: () => Promise.reject(new TypeError('nothing is scheduled here')),
        peek: () => Promise.resolve([]),
      },
    };
  }

  time(): string {
    return new Date(this.now).toISOString();
  }

  pass(minutes: number): void {
    this.now += minutes * 60_000;
  }
}
