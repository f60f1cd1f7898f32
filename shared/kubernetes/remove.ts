import { SlipwayError } from '../errors/slipway-error.ts';
import type { Manifest } from './manifest.ts';
import type { ObjectName } from './cluster.ts';
import { ours, workspaceLabel } from './labels.ts';
import type { ObjectMetadata } from './manifest.ts';
import { isOwnedByOneOf, workspaceUidOf } from './owner.ts';
import { pluralOf, resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

/** What a workspace may have in its namespace: what it owns itself, and what its controllers made for it. */
interface Belongings {
  owned: Manifest[];
  dependents: Manifest[];
}

/**
 * Deletes what this workspace (this uid) owns, each with a uid precondition, and counts what was there when it looked: zero
 * means that everything is gone, so the caller asks again until then.
 */
export async function removeWorkload(
  session: Session,
  workspace: ObjectName,
  ownerUid: string,
): Promise<number> {
  const { owned, dependents } = await findBelongings(session, workspace, ownerUid);
  for (const object of owned) {
    if (object.metadata?.deletionTimestamp === undefined) await deleteExactly(session, object);
  }
  return owned.length + dependents.length;
}

async function findBelongings(
  session: Session,
  workspace: ObjectName,
  ownerUid: string,
): Promise<Belongings> {
  const { name, namespace } = workspace;
  const made = { namespace, labelSelector: ours };
  const named = { namespace, labelSelector: `${workspaceLabel}=${name}` };
  const [sets, jobs, services, maps, pods, claims] = await session.call(
    `list objects of workspace ${namespace}/${name}`,
    ({ apps, batch, core }) =>
      Promise.all([
        apps.listNamespacedStatefulSet({ namespace }).then(withKind('apps/v1', 'StatefulSet')),
        batch.listNamespacedJob({ namespace }).then(withKind('batch/v1', 'Job')),
        core.listNamespacedService(made).then(withKind('v1', 'Service')),
        core.listNamespacedConfigMap(made).then(withKind('v1', 'ConfigMap')),
        core.listNamespacedPod(named).then(withKind('v1', 'Pod')),
        core.listNamespacedPersistentVolumeClaim(named).then(withKind('v1', 'PersistentVolumeClaim')),
      ]),
  );
  const isOwned = ({ metadata }: Manifest): boolean => workspaceUidOf(metadata) === ownerUid;
  const foreign = uidsOf([...sets, ...jobs].filter((controller) => !isOwned(controller)));
  return {
    owned: [...sets, ...jobs, ...services, ...maps].filter(isOwned),
    // Their controller may be gone already, so they are told by the workspace's name, less those of anybody else's controller.
    dependents: [...pods, ...claims].filter(
      ({ metadata }) => hasWorkloadOwner(metadata) && !isOwnedByOneOf(metadata, foreign),
    ),
  };
}

function hasWorkloadOwner(metadata: ObjectMetadata | undefined): boolean {
  return metadata?.ownerReferences?.some(({ kind }) => kind === 'StatefulSet' || kind === 'Job') === true;
}

/** Lists leave apiVersion and kind out of their items. */
function withKind(apiVersion: string, kind: string): (list: { items: Manifest[] }) => Manifest[] {
  return ({ items }) => items.map(({ metadata }) => ({ apiVersion, kind, ...(metadata && { metadata }) }));
}

function uidsOf(objects: Manifest[]): ReadonlySet<string> {
  return new Set(objects.flatMap(({ metadata }) => metadata?.uid ?? []));
}

async function deleteExactly(
  session: Session,
  { apiVersion = '', kind = '', metadata }: Manifest,
): Promise<void> {
  const { name = '', namespace, uid } = metadata ?? {};
  const path = resourcePath({ apiVersion, plural: pluralOf(apiVersion, kind), namespace, name });
  const body = { preconditions: { uid }, propagationPolicy: 'Background' };
  try {
    await session.find(`delete ${kind} ${namespace ?? ''}/${name}`, ({ send }) =>
      send({ method: 'DELETE', path, body }),
    );
  } catch (error) {
    // Another uid by now: ours is gone.
    if (!(error instanceof SlipwayError && error.code === 'Conflict')) throw error;
  }
}
