import { Annotation } from '../annotations.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { CauseReason, shown, type Findings } from '../fault.ts';
import { suggest } from '../schema/suggest.ts';
import { versionOf, type Workspace } from '../workspace.ts';

/** C8: where Karpenter adds the nodes, the annotation names a NodeClass of the deployment; v1alpha1 never asked. */
export function checkNodeClass(workspace: Workspace, context: AdmissionContext, { faults }: Findings): void {
  const { nodeClasses } = context;
  const name = workspace.metadata.annotations[Annotation.nodeClassName] ?? '';
  if (nodeClasses === undefined || name === '' || versionOf(workspace) === 'v1alpha1') return;
  if (nodeClasses.includes(name)) return;
  const nearest = suggest(name, nodeClasses);
  faults.push({
    field: `metadata.annotations[${Annotation.nodeClassName}]`,
    reason: CauseReason.NotSupported,
    message: `${shown(name)} is not a KAITO-managed NodeClass, supported values are: ${nodeClasses.join(', ')}`,
    remedy:
      nearest === undefined ? 'name one of these, or remove the annotation' : `did you mean ${nearest}?`,
  });
}
