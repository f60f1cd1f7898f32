import { runtimeOf, type Runtime } from '../annotations.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { CauseReason, type Findings } from '../fault.ts';
import { versionOf, type Inference, type Workspace } from '../workspace.ts';
import type { PresetResolution } from '../../planning/resolve-preset.ts';
import { transformersFlags } from '../../../presets/catalogue.ts';
import { checkAdapters } from './adapters.ts';
import { checkAccessMode, checkPreset } from './preset.ts';

/** Rules I1 to I10 and the adapter rules. Gives what the preset resolves to, or undefined without a usable one. */
export function checkInference(
  workspace: Workspace,
  inference: Inference,
  context: AdmissionContext,
  findings: Findings,
): PresetResolution | undefined {
  const { faults } = findings;
  const runtime = runtimeOf(workspace.metadata.annotations, context.gates.vllm);
  const { preset, template } = inference;
  if (preset === undefined && template === undefined) {
    faults.push({
      field: 'inference',
      reason: CauseReason.Required,
      message: 'Preset or Template must be specified',
      remedy: 'write inference: {preset: {name: ...}}',
    });
  }
  if (preset !== undefined && template !== undefined) {
    faults.push({
      field: 'inference',
      reason: CauseReason.Forbidden,
      message: 'preset and template cannot be set at the same time',
      remedy: 'remove one of them',
    });
  }
  if (template !== undefined) checkTemplate(template, findings);
  const resolution = preset === undefined ? undefined : checkPreset(preset, 'inference', findings);
  if (preset !== undefined && versionOf(workspace) === 'v1alpha1')
    checkAccessMode(preset, 'inference', findings);
  if (resolution !== undefined) checkRuntime(runtime, resolution, findings);
  checkAdapters(inference.adapters ?? [], runtime, findings);
  return resolution;
}

/** I4: the transformers runtime serves a fixed list of models. */
function checkRuntime(runtime: Runtime, resolution: PresetResolution, { faults }: Findings): void {
  if (runtime === 'vllm') return;
  const id =
    resolution.kind === 'known' ? resolution.facts.id : resolution.kind === 'foreign' ? resolution.id : '';
  if (transformersFlags(id.slice(id.lastIndexOf('/') + 1)) !== undefined) return;
  faults.push({
    field: 'inference.preset.name',
    reason: CauseReason.NotSupported,
    message: `Runtime validation: the model ${id} has no Transformers runtime support`,
    remedy: 'serve it with vLLM: without the annotation kaito.sh/runtime, and with the gate vLLM on',
  });
}

/** A pod template must hold at least one container; the rest is for the API server to judge when it is applied. */
function checkTemplate(template: Record<string, unknown>, { faults }: Findings): void {
  const spec = template['spec'];
  const containers: unknown =
    typeof spec === 'object' && spec !== null && 'containers' in spec ? spec.containers : undefined;
  if (Array.isArray(containers) && containers.length > 0) return;
  faults.push({
    field: 'inference.template.spec.containers',
    reason: CauseReason.Required,
    message: 'a pod template needs at least one container',
    remedy: 'write template: {spec: {containers: [...]}}',
  });
}
