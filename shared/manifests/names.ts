import { createHash } from 'node:crypto';
import { isDnsLabel } from '../workspace/names.ts';
import type { Workspace } from '../workspace/workspace.ts';

/**
 * Longest StatefulSet name whose pods the API server accepts: they carry a label of the name, "-" and ten characters of hash,
 * and a label holds 63. https://github.com/kubernetes/kubernetes/issues/64023
 */
const longestWorkloadName = 52;

const longestLabel = 63;

/** Name of the StatefulSet or Job: that of the Workspace, shortened with a hash where its pods could not be made. */
export function workloadName({ metadata }: { metadata: Pick<Workspace['metadata'], 'name'> }): string {
  if (metadata.name.length <= longestWorkloadName) return metadata.name;
  const hash = createHash('sha256').update(metadata.name).digest('hex').slice(0, 8);
  return `${metadata.name.slice(0, longestWorkloadName - 9)}-${hash}`;
}

/** Name of the Service: a Service must begin with a letter, which a Workspace need not. */
export function serviceName({ metadata }: Workspace): string {
  return startsWithLetter(metadata.name)
    ? metadata.name
    : `w-${metadata.name}`.slice(0, 63).replace(/-+$/, '');
}

export function headlessServiceName(workspace: Workspace): string {
  const name = workloadName(workspace);
  return `${startsWithLetter(name) ? name : `w-${name}`}-headless`;
}

/** Host name of the pod that leads a distributed model. */
export function leaderAddress(workspace: Workspace): string {
  return `${workloadName(workspace)}-0.${headlessServiceName(workspace)}.${workspace.metadata.namespace}.svc.cluster.local`;
}

/** Name of a container or volume made for something that the user names: a DNS label, which that name need not be. */
export function partName(prefix: string, name: string, suffix = ''): string {
  const plain = `${prefix}${name}${suffix}`;
  if (isDnsLabel(plain)) return plain;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const room = longestLabel - prefix.length - suffix.length - hash.length - 1;
  const kept = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')
    .slice(0, room);
  return `${prefix}${kept}-${hash}${suffix}`;
}

function startsWithLetter(name: string): boolean {
  return /^[a-z]/.test(name);
}
