import { Retryable, SlipwayError, Terminal } from '../errors/slipway-error.ts';
import { isRecord } from '../workspace/json-object.ts';
import { fieldManager, managedBy, managedByLabel, workspaceKind } from './labels.ts';
import { workspaceUidOf } from './owner.ts';
import type { Manifest, ObjectMetadata } from './manifest.ts';
import { pluralOf, resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

/** KAITO creates Services once and never updates them; so do we, that a hand-made change to one stays. */
const createdOnce: ReadonlySet<string> = new Set(['Service']);

/**
 * Makes one object of a workspace what the manifest says. An object of that name that is not this workspace's is never
 * touched: `Retryable('Conflict')` while a predecessor's still goes away, `Terminal('AlreadyExists')` for a stranger's.
 */
export async function applyObject(session: Session, manifest: Manifest): Promise<void> {
  const path = pathOf(manifest);
  const existing = await session.find(`read ${describe(manifest)}`, async ({ send }) =>
    metadataOf((await send({ method: 'GET', path })).data),
  );
  // What no workspace owns is shared by all of a namespace (KAITO's default training config): the first one makes it.
  if (workspaceUidOf(manifest.metadata) === undefined) {
    if (existing === undefined) await createOnce(session, manifest);
    return;
  }
  if (existing !== undefined) refuseForeign(existing, manifest);
  if (createdOnce.has(manifest.kind ?? '')) {
    if (existing === undefined) await createOnce(session, manifest);
    return;
  }
  try {
    await serverSideApply(session, manifest);
  } catch (error) {
    if (existing === undefined || !isFrozen(error)) throw error;
    await makeWay(session, manifest, existing);
  }
}

/** What a StatefulSet is told apart by, and its volume claims, cannot be changed in place. */
function isFrozen(error: unknown): error is Terminal {
  return (
    error instanceof Terminal && /updates to statefulset spec for fields other than/i.test(error.message)
  );
}

/** The old one goes, its Service and address stay; the next apply makes its successor. */
async function makeWay(session: Session, manifest: Manifest, { uid }: ObjectMetadata): Promise<never> {
  await session.find(`delete ${describe(manifest)}`, ({ send }) =>
    send({
      method: 'DELETE',
      path: pathOf(manifest),
      body: { preconditions: { uid }, propagationPolicy: 'Background' },
    }),
  );
  throw new Retryable('Conflict', {
    message: `${describe(manifest)} cannot be changed in place and is made anew.`,
    retryAfterSeconds: 5,
  });
}

/** Server-side apply, forced: our fields are ours whoever wrote them last. Resolves to the stored object. */
export async function serverSideApply(session: Session, manifest: Manifest): Promise<unknown> {
  const contentType = session.client.PatchStrategy.ServerSideApply;
  const query = { fieldManager, force: true };
  const { data } = await session.call(`apply ${describe(manifest)}`, ({ send }) =>
    send({ method: 'PATCH', path: pathOf(manifest), query, body: manifest, contentType }),
  );
  return data;
}

async function createOnce(session: Session, manifest: Manifest): Promise<void> {
  const { apiVersion = '', kind = '', metadata } = manifest;
  const path = resourcePath({
    apiVersion,
    plural: pluralOf(apiVersion, kind),
    namespace: metadata?.namespace,
  });
  try {
    await session.call(`create ${describe(manifest)}`, ({ send }) =>
      send({ method: 'POST', path, query: { fieldManager }, body: manifest }),
    );
  } catch (error) {
    // Made since we looked. Whether by us (an answer lost) or by a stranger, the next apply tells.
    if (!(error instanceof SlipwayError && error.code === 'AlreadyExists')) throw error;
    throw new Retryable('Conflict', { message: error.message, cause: error, retryAfterSeconds: 1 });
  }
}

function refuseForeign(existing: ObjectMetadata, manifest: Manifest): void {
  const owner = workspaceUidOf(existing);
  if (owner !== undefined && owner === workspaceUidOf(manifest.metadata)) return;
  if (owner !== undefined || existing.labels?.[managedByLabel] === managedBy) {
    throw new Retryable('Conflict', {
      message: `${describe(manifest)} still belongs to an earlier ${workspaceKind} of that name.`,
      retryAfterSeconds: 10,
    });
  }
  throw new Terminal('AlreadyExists', {
    message: `${describe(manifest)} exists and was not made by Slipway.`,
    remedy: 'Remove or rename it, or give the workspace another name.',
  });
}

function pathOf({ apiVersion = '', kind = '', metadata }: Manifest): string {
  const { namespace, name = '' } = metadata ?? {};
  return resourcePath({ apiVersion, plural: pluralOf(apiVersion, kind), namespace, name });
}

/** Metadata of a stored object, as far as ownership goes. */
function metadataOf(data: unknown): ObjectMetadata {
  const metadata = isRecord(data) && isRecord(data['metadata']) ? data['metadata'] : {};
  const { labels, ownerReferences, uid } = metadata;
  const managed = isRecord(labels) ? labels[managedByLabel] : undefined;
  const owners = Array.isArray(ownerReferences) ? ownerReferences.filter(isOwner) : [];
  return {
    ...(typeof uid === 'string' ? { uid } : {}),
    ownerReferences: owners,
    labels: typeof managed === 'string' ? { [managedByLabel]: managed } : {},
  };
}

function isOwner(value: unknown): value is { kind: string; uid: string } {
  return isRecord(value) && typeof value['kind'] === 'string' && typeof value['uid'] === 'string';
}

function describe({ kind, metadata }: Manifest): string {
  const namespace = metadata?.namespace === undefined ? '' : `${metadata.namespace}/`;
  return `${kind ?? 'object'} ${namespace}${metadata?.name ?? ''}`;
}
