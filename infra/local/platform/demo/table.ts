import { conditionStatus } from './workspace-view.ts';
import type { WorkspaceView } from './workspace-view.ts';

const header = ['NAME', 'INSTANCE', 'RESOURCEREADY', 'INFERENCEREADY', 'WORKSPACEREADY', 'STATE', 'AGE'];

/**
 * The columns that the quick start shows, then what each workspace waits for. `now` is virtual time, epoch milliseconds,
 * as are the times in the workspaces.
 */
export function workspaceTable(workspaces: readonly WorkspaceView[], now: number): string[] {
  const rows = workspaces.map((workspace) => [
    workspace.metadata.name,
    workspace.resource.instanceType,
    conditionStatus(workspace, 'ResourceReady'),
    conditionStatus(workspace, 'InferenceReady'),
    conditionStatus(workspace, 'WorkspaceSucceeded'),
    workspace.status.state,
    age(now - Date.parse(workspace.metadata.creationTimestamp)),
  ]);
  return [...aligned([header, ...rows]), ...workspaces.map((workspace) => progressLine(workspace, now))];
}

/** `phase: what it waits for (how long)`. */
export function progressLine({ metadata, status }: WorkspaceView, now: number): string {
  const { phase = 'Pending', waitingFor } = status.slipway ?? {};
  const wait =
    waitingFor === null || waitingFor === undefined
      ? ''
      : `: ${waitingFor.what} (${age(now - Date.parse(waitingFor.since))})`;
  return `  ${metadata.name}: ${phase}${wait}`;
}

/** A duration as kubectl shows ages: `45s`, `3m20s`, `2h5m`, `3d4h`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units: [number, string, number, string][] = [
    [86_400, 'd', 3_600, 'h'],
    [3_600, 'h', 60, 'm'],
    [60, 'm', 1, 's'],
  ];
  for (const [large, largeName, small, smallName] of units) {
    if (seconds < large) continue;
    const rest = Math.floor((seconds % large) / small);
    return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
  }
  return `${seconds}s`;
}

function aligned(rows: readonly string[][]): string[] {
  const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
