import type { Belongings, OwnedObject } from './cluster.ts';
import type { ClusterObject, ClusterObjects, ObjectKind } from './cluster-objects.ts';
import { texts } from './cluster-objects.ts';
import { isRecord } from '../workspace/json-object.ts';
import { managedBy, managedByLabel, ours, systemNamespace, workspaceKind, workspaceLabel } from './labels.ts';

const kinds: readonly (ObjectKind & { kind: OwnedObject['kind'] })[] = [
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' },
  { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
];

const notesMap: ObjectKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespace: systemNamespace,
};
const notesName = 'slipway-orphans';
const notesKey = 'since.json';

/** Objects by their label, and notes about orphans in a ConfigMap of ours. */
export class ClusterBelongings implements Belongings {
  readonly #objects: ClusterObjects;

  constructor(objects: ClusterObjects) {
    this.#objects = objects;
  }

  async list(): Promise<OwnedObject[]> {
    const lists = await Promise.all(
      kinds.map(async ({ kind, ...location }) =>
        (await this.#objects.list({ ...location, kind }, ours)).map((object) => toOwned(kind, object)),
      ),
    );
    return lists.flat().filter(({ namespace }) => namespace !== systemNamespace);
  }

  async remove({ kind, namespace, name, uid }: OwnedObject): Promise<boolean> {
    const found = kinds.find((one) => one.kind === kind);
    if (found === undefined) return false;
    const location = { ...found, namespace };
    const there = await this.#objects.get(location, name);
    if (there?.metadata.uid !== uid || there.metadata.labels[managedByLabel] !== managedBy) return false;
    return this.#objects.delete(location, there, 'Background');
  }

  async recall(): Promise<Record<string, string>> {
    const map = await this.#objects.get(notesMap, notesName);
    return map === undefined ? {} : notesOf(map);
  }

  async note(since: Readonly<Record<string, string>>): Promise<void> {
    const map = await this.#objects.get(notesMap, notesName);
    const data = { [notesKey]: JSON.stringify(since) };
    if (map !== undefined) {
      await this.#objects.patch(notesMap, map, { data });
    } else if (Object.keys(since).length > 0) {
      const labels = { [managedByLabel]: managedBy };
      const metadata = { name: notesName, namespace: systemNamespace, labels };
      await this.#objects.create(notesMap, { metadata, data });
    }
  }
}

/** What a hand edit broke is forgotten: every grace begins anew. */
function notesOf({ content }: ClusterObject): Record<string, string> {
  const text = texts(content['data'])[notesKey];
  if (text === undefined) return {};
  try {
    return texts(JSON.parse(text));
  } catch {
    return {}; // as above
  }
}

function toOwned(kind: OwnedObject['kind'], { metadata, content }: ClusterObject): OwnedObject {
  const raw = isRecord(content['metadata']) ? content['metadata'] : {};
  const owners = Array.isArray(raw['ownerReferences']) ? raw['ownerReferences'].filter(isRecord) : [];
  const ownerUid = owners.find((owner) => owner['kind'] === workspaceKind)?.['uid'];
  const workspace = metadata.labels[workspaceLabel];
  return {
    kind,
    namespace: typeof raw['namespace'] === 'string' ? raw['namespace'] : '',
    name: metadata.name,
    uid: metadata.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(typeof ownerUid === 'string' ? { ownerUid } : {}),
    ...(workspace === undefined ? {} : { workspace }),
  };
}
