import { Annotation } from '../annotations.ts';
import { CauseReason, type Findings } from '../fault.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { versionOf, type Workspace } from '../workspace.ts';
import { defaultContextTokens } from '../../planning/estimate.ts';
import { findGpuSize } from '../../planning/gpu-sizes.ts';
import type { ModelFacts } from '../../planning/model-facts.ts';
import type { PresetResolution } from '../../planning/resolve-preset.ts';
import { cheapestSizes, describeSizes } from '../../planning/size-advice.ts';
import { checkAnnotationValues } from './annotations.ts';
import { remarkOnBroughtNodes } from './brought-nodes.ts';
import { checkConfigMaps } from './config-maps.ts';
import { checkGpuMemory } from './gpu-memory.ts';
import { checkStreamingDriver } from './model-streaming.ts';
import { checkNodeAllocation } from './node-allocation.ts';
import { checkNodeClass } from './node-class.ts';
import { checkInference } from './inference.ts';
import { checkPartition } from './partition.ts';
import { checkReferences } from './references.ts';
import { checkCount, checkInstanceTypeKnown, checkInstanceTypePresence, checkSelector } from './resource.ts';
import { checkTuning } from './tuning.ts';

/** Every rule that holds when a Workspace is created. Source: reference, b.3. */
export function checkCreate(workspace: Workspace, context: AdmissionContext, findings: Findings): void {
  const { inference, tuning, resource } = workspace;
  checkPurpose(workspace, findings);
  checkInstanceTypePresence(workspace, context, findings);
  checkAnnotationValues(workspace, findings);
  checkNodeClass(workspace, context, findings);
  checkNodeAllocation(workspace, context, findings);
  remarkOnBroughtNodes(workspace, context, findings);
  checkStreamingDriver(workspace, context, findings);
  checkCount(resource, findings);
  checkReferences(workspace, findings);
  const usable = checkSelector(workspace, findings);
  let resolution: PresetResolution | undefined;
  if (inference !== undefined) resolution = checkInference(workspace, inference, context, findings);
  if (tuning !== undefined) resolution = checkTuning(workspace, tuning, findings) ?? resolution;
  const model = resolution?.kind === 'known' ? resolution.facts : undefined;
  // v1alpha1 knows no brought nodes: it always judges by the size.
  if (context.provisioning === 'auto' || versionOf(workspace) === 'v1alpha1')
    checkInstanceTypeKnown(resource, findings);
  if (inference !== undefined && resource.partition !== undefined) {
    const bypassed = Annotation.bypassResourceChecks in workspace.metadata.annotations;
    checkPartition({ partition: resource.partition, context, model, bypassed }, findings);
  } else if (
    inference !== undefined &&
    resolution !== undefined &&
    (usable || versionOf(workspace) === 'v1alpha1')
  ) {
    checkGpuMemory(workspace, model, context, findings);
  }
  checkConfigMaps(workspace, model, context, findings);
  remarkOnRetired(workspace, model, findings);
}

/** C1 and C2. */
function checkPurpose({ inference, tuning }: Workspace, { faults }: Findings): void {
  if (inference === undefined && tuning === undefined) {
    const message = 'one of inference and tuning must be specified, not neither';
    faults.push({
      field: 'inference',
      reason: CauseReason.Required,
      message,
      remedy: 'add inference: {preset: {name: ...}}',
    });
  }
  if (inference !== undefined && tuning !== undefined) {
    const message = 'inference and tuning are exclusive: specify one, but not both';
    faults.push({ field: 'tuning', reason: CauseReason.Forbidden, message, remedy: 'make two Workspaces' });
  }
}

/** Azure refuses new machines of a retired size when the nodes are made: said here, where it can still be changed. */
function remarkOnRetired(
  { resource }: Workspace,
  model: ModelFacts | undefined,
  { warnings }: Findings,
): void {
  const size = findGpuSize(resource.instanceType ?? '');
  if (size?.retired !== true) return;
  const current =
    model === undefined ? 'a current size' : describeSizes(cheapestSizes(model, defaultContextTokens));
  warnings.push(`resource.instanceType: Azure has retired ${size.name}; current sizes that fit: ${current}`);
}
