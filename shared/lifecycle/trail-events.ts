import type { TrailEntry } from './slipway-status.ts';

/** What `kubectl describe workspace` is told. */
export interface EventNote {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** ISO 8601. */
  time: string;
}

/** Longest message of a Kubernetes Event. */
const longestMessage = 1024;

/** Said better by the lines beside them: Planned, NodeClaimCreated, WorkloadApplied. */
const untold: ReadonlySet<string> = new Set(['Pending', 'Provisioning', 'Deploying']);

/** Words of the trail that are good news, or no news. All others are warnings: codes of failures are among them. */
const normal: ReadonlySet<string> = new Set([
  'Planned',
  'OffersSkipped',
  'FallbackChosen',
  'NodesAccepted',
  'WorkloadApplied',
  'BenchmarkCompleted',
  'Ready',
  'Running',
  'Succeeded',
  'Suspended',
  'Resumed',
  'Deleting',
]);

/** KAITO's own words where it has any; the agent pool plays the part of the node claim. Source: reference, k.4. */
const kaitoReason: Readonly<Record<string, string>> = {
  NodesAccepted: 'NodeClaimCreated',
  NodesRefused: 'NodeClaimCreationFailed',
};

/** New lines of a trail as Events, in their order. */
export function toEvents(trail: readonly TrailEntry[]): EventNote[] {
  return trail
    .filter(({ what }) => !untold.has(what))
    .map(({ time, what, why }) => ({
      type: normal.has(what) ? 'Normal' : 'Warning',
      reason: kaitoReason[what] ?? what,
      message: why.slice(0, longestMessage),
      time,
    }));
}
