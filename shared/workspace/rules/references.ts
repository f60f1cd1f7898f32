import { CauseReason, shown, type Findings } from '../fault.ts';
import { isDnsSubdomain } from '../names.ts';
import type { Workspace } from '../workspace.ts';

/** ConfigMaps and Secrets that a Workspace names must have names that an object can have: KAITO mounts what never comes. */
export function checkReferences(workspace: Workspace, findings: Findings): void {
  const { inference, tuning } = workspace;
  checkName('inference.config', inference?.config, 'a ConfigMap', findings);
  const options = inference?.preset?.presetOptions;
  const access =
    options !== undefined && 'modelAccessSecret' in options ? options.modelAccessSecret : undefined;
  checkName('inference.preset.presetOptions.modelAccessSecret', access, 'a Secret', findings);
  for (const [index, { source }] of (inference?.adapters ?? []).entries())
    checkSecrets(`inference.adapters[${index}].source`, source?.imagePullSecrets, findings);
  checkName('tuning.config', tuning?.config, 'a ConfigMap', findings);
  checkSecrets('tuning.input', tuning?.input.imagePullSecrets, findings);
  checkName('tuning.output.imagePushSecret', tuning?.output.imagePushSecret, 'a Secret', findings);
}

function checkSecrets(source: string, names: readonly string[] | undefined, findings: Findings): void {
  for (const [index, name] of (names ?? []).entries()) {
    const field = `${source}.imagePullSecrets[${index}]`;
    if (name !== '') checkName(field, name, 'a Secret', findings);
    else {
      const message = 'the name of a Secret is empty';
      findings.faults.push({
        field,
        reason: CauseReason.Required,
        message,
        remedy: 'remove it, or write the name',
      });
    }
  }
}

function checkName(field: string, name: string | undefined, what: string, { faults }: Findings): void {
  if (name === undefined || name === '' || isDnsSubdomain(name)) return;
  faults.push({
    field,
    reason: CauseReason.Invalid,
    message: `${shown(name)} is not the name of ${what}`,
    remedy: 'use at most 253 lower-case letters, digits, "-" and "."',
  });
}
