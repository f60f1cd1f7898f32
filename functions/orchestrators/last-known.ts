import type { StatusWrite } from '../../shared/lifecycle/decision.ts';
import type { WorkspaceSnapshot } from '../../shared/lifecycle/snapshot.ts';
import { formatKey } from '../../shared/lifecycle/workspace-key.ts';
import type { LastKnown, WorkspaceRun } from '../contracts/workspace-activities.ts';

/** Messages are told in full by the record; the custom status of an orchestration must stay far below 16 KB. */
const longestText = 500;

/** What a turn leaves to be shown: the record as it saw it, with what it wrote. */
export function lastKnownOf(
  snapshot: WorkspaceSnapshot,
  write: StatusWrite | undefined,
  seenAt: string,
): LastKnown {
  const slipway = write?.slipway ?? snapshot.slipway;
  return {
    workspace: formatKey(snapshot.key),
    uid: snapshot.uid,
    resourceVersion: snapshot.resourceVersion,
    instanceType: snapshot.instanceType,
    phase: slipway?.phase ?? 'Pending',
    state: write?.state ?? snapshot.state,
    waitingFor: (slipway?.waitingFor?.what ?? '').slice(0, longestText),
    failure: slipway?.failure?.code ?? '',
    seenAt,
    trouble: '',
  };
}

/** A turn that saw nothing shows what the one before did, and why it saw nothing. */
export function stillKnown({ reference, lastKnown }: WorkspaceRun, trouble: string): LastKnown {
  const before = lastKnown ?? {
    workspace: formatKey(reference),
    uid: reference.uid,
    resourceVersion: '',
    instanceType: '',
    phase: 'Pending',
    state: 'Pending',
    waitingFor: '',
    failure: '',
    seenAt: '',
  };
  return { ...before, trouble: trouble.slice(0, longestText) };
}
