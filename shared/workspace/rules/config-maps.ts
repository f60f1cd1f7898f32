import { runtimeOf } from '../annotations.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { CauseReason, shortened, type Findings } from '../fault.ts';
import type { Workspace } from '../workspace.ts';
import type { ModelFacts } from '../../planning/model-facts.ts';
import { readTrainingConfig } from '../../planning/training-config.ts';
import { readWorkspaceConfig } from '../../planning/workspace-config.ts';

/** The contents of the user's ConfigMaps, where the caller can read them: M1 to M6 and K1 to K11. */
export function checkConfigMaps(
  workspace: Workspace,
  model: ModelFacts | undefined,
  context: AdmissionContext,
  findings: Findings,
): void {
  if (context.configMap === undefined) return;
  const { inference, tuning } = workspace;
  if (inference !== undefined && runtimeOf(workspace.metadata.annotations, context.gates.vllm) === 'vllm') {
    const wanted = { name: inference.config ?? '', field: 'inference.config', key: 'inference_config.yaml' };
    const text = textOf(workspace, wanted, context, findings);
    const read =
      text === undefined ? undefined : readWorkspaceConfig(workspace, text, model?.contextLimit ?? 0);
    if (read?.ok === false) findings.faults.push(...read.faults);
    if (read?.ok === true) findings.warnings.push(...read.config.remarks);
  }
  if (tuning !== undefined) {
    const wanted = { name: tuning.config ?? '', field: 'tuning.config', key: 'training_config.yaml' };
    const text = textOf(workspace, wanted, context, findings);
    const method = tuning.method?.toLowerCase() === 'qlora' ? 'qlora' : 'lora';
    const read = text === undefined ? undefined : readTrainingConfig(text, method);
    if (read?.ok === false) findings.faults.push(...read.faults);
  }
}

interface Wanted {
  name: string;
  field: string;
  key: string;
}

/** The text under a ConfigMap's key; undefined, with a fault, when it is not there. */
function textOf(
  { metadata }: Workspace,
  wanted: Wanted,
  context: AdmissionContext,
  { faults }: Findings,
): string | undefined {
  const { name, field, key } = wanted;
  if (name === '') return undefined;
  const data = context.configMap?.(metadata.namespace, name);
  if (data instanceof Error) {
    const message = `Failed to get ConfigMap '${name}' in namespace '${metadata.namespace}': ${data.message}`;
    faults.push({
      field,
      reason: CauseReason.Invalid,
      message,
      remedy: 'try again, or check the rights on ConfigMaps',
    });
    return undefined;
  }
  if (data === undefined) {
    const message = `ConfigMap '${shortened(name)}' specified in 'config' not found in namespace '${metadata.namespace}'`;
    faults.push({ field, reason: CauseReason.NotFound, message, remedy: 'create the ConfigMap first' });
    return undefined;
  }
  if (data[key] === undefined) {
    const message = `missing ${key} in ConfigMap '${shortened(name)}'`;
    faults.push({ field, reason: CauseReason.Required, message, remedy: `add the key ${key}` });
  }
  return data[key];
}
