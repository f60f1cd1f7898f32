import { createHash } from 'node:crypto';
import { Retryable, SlipwayError } from '../errors/slipway-error.ts';
import type { ObjectName, Tombstone } from './cluster.ts';
import { managedBy, managedByLabel, systemNamespace } from './labels.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

const namespace = systemNamespace;
const collection = { apiVersion: 'v1', plural: 'configmaps', namespace };
const kindLabel = 'slipway.dev/kind';
const tombstone = 'tombstone';
/** Two deletes of one name may write at once; the third writer in a row gives up and is retried by its caller. */
const attempts = 3;

/** One ConfigMap a tombstone: found by name, no shared object to fight over, no size limit in sight. */
export async function rememberDelete(session: Session, { workspace, requestedAt }: Tombstone): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await writeLater(session, { workspace, requestedAt });
      return;
    } catch (error) {
      const raced = error instanceof SlipwayError && ['AlreadyExists', 'Conflict'].includes(error.code);
      if (!raced) throw error;
      if (attempt === attempts) throw new Retryable('Conflict', { message: error.message, cause: error });
    }
  }
}

export async function findTombstone(session: Session, workspace: ObjectName): Promise<Tombstone | undefined> {
  return (await readMap(session, workspace))?.tombstone;
}

/** Drops those asked for before `before`; one that was renewed meanwhile stays. Returns how many went. */
export async function forgetTombstones(session: Session, before: string): Promise<number> {
  const labelSelector = `${kindLabel}=${tombstone}`;
  const list = await session.call('list tombstones', ({ core }) =>
    core.listNamespacedConfigMap({ namespace, labelSelector }),
  );
  let count = 0;
  for (const map of list.items) {
    const stored = toStored(map);
    const isOld = stored.tombstone === undefined || isEarlier(stored.tombstone.requestedAt, before);
    if (isOld && (await drop(session, stored))) count++;
  }
  return count;
}

async function writeLater(session: Session, { workspace, requestedAt }: Tombstone): Promise<void> {
  const known = await readMap(session, workspace);
  if (known !== undefined && !isEarlier(known.tombstone?.requestedAt, requestedAt)) return;
  const metadata = {
    name: mapName(workspace),
    namespace,
    labels: { [managedByLabel]: managedBy, [kindLabel]: tombstone },
    ...(known === undefined ? {} : { uid: known.uid, resourceVersion: known.resourceVersion }),
  };
  const data = { namespace: workspace.namespace, name: workspace.name, requestedAt };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  await session.call('write a tombstone', ({ send }) =>
    known === undefined
      ? send({ method: 'POST', path: resourcePath(collection), body })
      : send({ method: 'PUT', path: pathOf(metadata.name), body }),
  );
}

function isEarlier(known: string | undefined, requestedAt: string): boolean {
  return known === undefined || Date.parse(known) < Date.parse(requestedAt);
}

async function readMap(session: Session, workspace: ObjectName): Promise<StoredTombstone | undefined> {
  const name = mapName(workspace);
  const map = await session.find('read a tombstone', ({ core }) =>
    core.readNamespacedConfigMap({ name, namespace }),
  );
  return map === undefined ? undefined : toStored(map);
}

async function drop(session: Session, { name, uid, resourceVersion }: StoredTombstone): Promise<boolean> {
  const body = { preconditions: { uid, resourceVersion } };
  try {
    const gone = await session.find('forget a tombstone', ({ send }) =>
      send({ method: 'DELETE', path: pathOf(name), body }),
    );
    return gone !== undefined;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'Conflict') return false; // renewed since the list
    throw error;
  }
}

function pathOf(name: string): string {
  return resourcePath({ ...collection, name });
}

/** Names are DNS labels of up to 63 characters each; their hash fits whatever they are. */
function mapName({ namespace: home, name }: ObjectName): string {
  return `deleted-${createHash('sha256').update(`${home}/${name}`).digest('hex').slice(0, 32)}`;
}

/** What is read of a ConfigMap. */
interface ConfigMapFacts {
  metadata?: { name?: string; uid?: string; resourceVersion?: string };
  data?: Record<string, string>;
}

interface StoredTombstone {
  name: string;
  uid: string;
  resourceVersion: string;
  /** Undefined when somebody spoilt its data. */
  tombstone: Tombstone | undefined;
}

function toStored({ metadata, data }: ConfigMapFacts): StoredTombstone {
  const { name = '', uid = '', resourceVersion = '' } = metadata ?? {};
  const { namespace: home, name: workspace, requestedAt } = data ?? {};
  const whole = home !== undefined && workspace !== undefined && requestedAt !== undefined;
  const read = whole ? { workspace: { namespace: home, name: workspace }, requestedAt } : undefined;
  return { name, uid, resourceVersion, tombstone: read };
}
