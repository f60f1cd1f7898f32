import type { AdmissionContext } from '../admission-context.ts';
import { SlipwayAnnotation } from '../annotations.ts';
import { CauseReason, type Findings } from '../fault.ts';
import type { Workspace } from '../workspace.ts';

/** Nodes can be shared where they come as agent pools, and only there. */
export function checkNodeAllocation(
  workspace: Workspace,
  { nodeAllocation }: AdmissionContext,
  { faults }: Findings,
): void {
  const wanted = workspace.metadata.annotations[SlipwayAnnotation.nodeAllocation];
  if (nodeAllocation !== 'fixed' || wanted !== 'shared') return;
  faults.push({
    field: `metadata.annotations[${SlipwayAnnotation.nodeAllocation}]`,
    reason: CauseReason.NotSupported,
    message: 'the nodes of this cluster do not come as agent pools, and cannot be shared',
    remedy: 'remove the annotation, or use a cluster with "provisioner": "agentPool"',
  });
}
