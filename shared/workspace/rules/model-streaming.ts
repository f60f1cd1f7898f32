import { Annotation, runtimeOf } from '../annotations.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { CauseReason, type Findings } from '../fault.ts';
import { versionOf, type Workspace } from '../workspace.ts';

/** The driver through which KAITO streams weights from blob storage. */
const blobDriver = 'blob.csi.azure.com';

/**
 * Model streaming needs a CSI driver in the cluster. It is on for a preset on vLLM where the gate ModelStreaming is on and the
 * annotation does not opt out. Source: reference, b.3 (after M6).
 */
export function checkStreamingDriver(
  workspace: Workspace,
  context: AdmissionContext,
  { faults }: Findings,
): void {
  const { annotations } = workspace.metadata;
  const { csiDrivers, gates } = context;
  const wanted =
    gates.modelStreaming === true &&
    versionOf(workspace) === 'v1beta1' &&
    workspace.inference?.preset !== undefined &&
    annotations[Annotation.modelStreaming] !== 'disabled' &&
    runtimeOf(annotations, gates.vllm) === 'vllm';
  if (!wanted || csiDrivers === undefined || csiDrivers.includes(blobDriver)) return;
  faults.push({
    field: 'metadata.annotations',
    reason: CauseReason.NotFound,
    message: `CSIDriver ${blobDriver} not found; required for model streaming`,
    remedy: `enable the blob CSI driver of AKS, or opt out with the annotation ${Annotation.modelStreaming}: disabled`,
  });
}
