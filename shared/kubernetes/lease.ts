import { Terminal } from '../errors/slipway-error.ts';
import type { OwnershipView } from './cluster.ts';
import { isRecord } from '../workspace/json-object.ts';
import { managedBy, managedByLabel, systemNamespace } from './labels.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

const name = 'slipway';
const namespace = systemNamespace;
const collection = { apiVersion: 'coordination.k8s.io/v1', plural: 'leases', namespace };
const path = resourcePath({ ...collection, name });

/** Longer than any sleep of a cluster orchestration: an owner that lives never lets it expire. Virtual seconds. */
export const leaseSeconds = 3600;

/** The Lease as it is stored; `spec` narrowed, the rest kept for writing back. */
interface StoredLease {
  stored: Record<string, unknown>;
  spec: Record<string, unknown>;
  holder: string;
  epoch: number;
  /** Virtual epoch milliseconds. */
  expires: number;
}

/** Takes or renews the cluster's Lease; guarded by resourceVersion, so that of two who try one gets a conflict. */
export async function holdLease(session: Session, holder: string, now: string): Promise<OwnershipView> {
  const lease = await readLease(session);
  if (lease === undefined) return createLease(session, holder, now);
  const taken = lease.holder !== holder;
  if (taken && lease.holder !== '' && lease.expires >= Date.parse(now)) throw ownedBy(lease.holder);
  const epoch = taken ? lease.epoch + 1 : lease.epoch;
  const spec = {
    ...lease.spec,
    ...specOf(holder, epoch),
    renewTime: microTime(now),
    ...(taken ? { acquireTime: microTime(now) } : {}),
  };
  await session.call('renew the Lease', ({ send }) =>
    send({ method: 'PUT', path, body: { ...lease.stored, spec } }),
  );
  return { holder, epoch };
}

/** Who owns the cluster, once read. Throws `Terminal('ClusterOwnedByAnother')` unless it is `holder`. */
export async function checkLease(session: Session, holder: string): Promise<OwnershipView> {
  const lease = await readLease(session);
  if (lease?.holder !== holder) throw ownedBy(lease?.holder ?? '');
  return { holder, epoch: lease.epoch };
}

async function readLease(session: Session): Promise<StoredLease | undefined> {
  const answer = await session.find('read the Lease', ({ send }) => send({ method: 'GET', path }));
  if (!isRecord(answer?.data)) return undefined;
  const stored = answer.data;
  const spec = isRecord(stored['spec']) ? stored['spec'] : {};
  const { holderIdentity, leaseTransitions, renewTime, leaseDurationSeconds } = spec;
  const renewed = typeof renewTime === 'string' ? Date.parse(renewTime) : 0;
  const seconds = typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : leaseSeconds;
  return {
    stored,
    spec,
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    epoch: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    expires: renewed + seconds * 1000,
  };
}

async function createLease(session: Session, holder: string, now: string): Promise<OwnershipView> {
  const time = microTime(now);
  const body = {
    apiVersion: collection.apiVersion,
    kind: 'Lease',
    metadata: { name, namespace, labels: { [managedByLabel]: managedBy } },
    spec: { ...specOf(holder, 1), acquireTime: time, renewTime: time },
  };
  await session.call('create the Lease', ({ send }) =>
    send({ method: 'POST', path: resourcePath(collection), body }),
  );
  return { holder, epoch: 1 };
}

function specOf(holder: string, epoch: number): Record<string, unknown> {
  return { holderIdentity: holder, leaseDurationSeconds: leaseSeconds, leaseTransitions: epoch };
}

/** Kubernetes' MicroTime: six decimals. */
function microTime(iso: string): string {
  return new Date(iso).toISOString().replace('Z', '000Z');
}

function ownedBy(holder: string): Terminal {
  return new Terminal('ClusterOwnedByAnother', {
    message:
      holder === ''
        ? 'No Slipway deployment owns the cluster.'
        : `The cluster belongs to the Slipway deployment ${holder}.`,
    remedy: `Let one deployment serve a cluster: stop the other, or delete the Lease ${namespace}/${name} once it is gone.`,
  });
}
