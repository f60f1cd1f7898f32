import { workspaceKind } from './labels.ts';
import type { ObjectMetadata } from './manifest.ts';

/** uid of the Workspace that owns an object, by owner reference. */
export function workspaceUidOf(metadata: ObjectMetadata | undefined): string | undefined {
  return metadata?.ownerReferences?.find(({ kind }) => kind === workspaceKind)?.uid;
}

/** Whether one of the owners has a uid in the set. */
export function isOwnedByOneOf(metadata: ObjectMetadata | undefined, uids: ReadonlySet<string>): boolean {
  return metadata?.ownerReferences?.some(({ uid }) => uids.has(uid)) === true;
}
