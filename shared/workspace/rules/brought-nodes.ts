import { SlipwayAnnotation } from '../annotations.ts';
import type { AdmissionContext } from '../admission-context.ts';
import type { Findings } from '../fault.ts';
import type { Workspace } from '../workspace.ts';

/** Options of getting nodes: where these are there already, nothing is asked for. */
const ofNewNodes: readonly string[] = [
  SlipwayAnnotation.fallbackInstanceTypes,
  SlipwayAnnotation.priority,
  SlipwayAnnotation.spotMaxPrice,
  SlipwayAnnotation.zones,
  SlipwayAnnotation.fallbackZones,
  SlipwayAnnotation.capacityReservationGroup,
  SlipwayAnnotation.nodeAllocation,
];
/** Options of giving nodes back for a while. */
const ofSuspension: readonly string[] = [
  SlipwayAnnotation.suspended,
  SlipwayAnnotation.suspendMode,
  SlipwayAnnotation.suspendSchedule,
];

/** Says which options do nothing on nodes that users bring. Warnings, for they do no harm and the same Workspace may serve other clusters. */
export function remarkOnBroughtNodes(
  { metadata }: Workspace,
  { provisioning }: AdmissionContext,
  { warnings }: Findings,
): void {
  if (provisioning !== 'byo') return;
  const given = Object.keys(metadata.annotations);
  for (const key of given.filter((one) => ofNewNodes.includes(one))) {
    warnings.push(
      `metadata.annotations[${key}]: does nothing here, where nodes are brought and none is made`,
    );
  }
  for (const key of given.filter((one) => ofSuspension.includes(one))) {
    warnings.push(
      `metadata.annotations[${key}]: releases nothing here, where nodes are brought; the pods go on running on them`,
    );
  }
}
