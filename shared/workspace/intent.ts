import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { annotationMeaning, specMeaning } from './meaning.ts';
import type { Workspace } from './workspace.ts';

/**
 * Hash of everything the user wants: spec, intent annotations, and whether deletion is wished.
 * Two Workspaces of equal meaning have equal hashes: neither key order nor API version counts, nor whether a default is written out.
 */
export function intentHash(workspace: Workspace): string {
  const { annotations, deletionTimestamp } = workspace.metadata;
  return sha256({
    ...specMeaning(workspace),
    annotations: annotationMeaning(annotations),
    deleting: deletionTimestamp !== undefined,
  });
}

/** Hash of the spec alone (resource, inference, tuning): KAITO's revision hash by purpose. */
export function specHash(workspace: Workspace): string {
  return sha256(specMeaning(workspace));
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
