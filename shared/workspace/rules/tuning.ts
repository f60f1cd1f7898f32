import { CauseReason, shown, type Findings } from '../fault.ts';
import { versionOf, type Tuning, type Workspace } from '../workspace.ts';
import { findTunable, tunableNames } from '../../../presets/catalogue.ts';
import type { PresetResolution } from '../../planning/resolve-preset.ts';
import { suggest } from '../schema/suggest.ts';
import { checkDestination, checkSource } from './data-source.ts';
import { checkAccessMode, checkPreset } from './preset.ts';

export const tuningMethods = ['lora', 'qlora'] as const;

/** T0 to T7, S and O. Slipway also refuses a preset that KAITO admits and then cannot tune. */
export function checkTuning(
  workspace: Workspace,
  tuning: Tuning,
  findings: Findings,
): PresetResolution | undefined {
  const { faults } = findings;
  if (workspace.resource.count > 1) {
    const message = `tuning does not currently support multinode: count is ${workspace.resource.count}`;
    faults.push({ field: 'resource.count', reason: CauseReason.Invalid, message, remedy: 'use count 1' });
  }
  if (workspace.resource.partition !== undefined) {
    const message = 'GPU partitioning is not supported for tuning';
    faults.push({
      field: 'resource.partition',
      reason: CauseReason.Forbidden,
      message,
      remedy: 'remove partition',
    });
  }
  checkMethod(tuning.method, findings);
  checkSource(tuning.input, 'tuning.input', findings);
  checkDestination(tuning.output, 'tuning.output', findings);
  if (tuning.preset === undefined) {
    faults.push({
      field: 'tuning.preset',
      reason: CauseReason.Required,
      message: 'tuning needs a preset',
      remedy: `one of ${tunableNames.join(', ')}`,
    });
    return undefined;
  }
  if (versionOf(workspace) === 'v1alpha1') checkAccessMode(tuning.preset, 'tuning', findings);
  const resolution = checkPreset(tuning.preset, 'tuning', findings);
  if (resolution === undefined) return undefined;
  const shortName = resolution.kind === 'known' ? resolution.facts.shortName : undefined;
  if (shortName !== undefined && findTunable(shortName) !== undefined) return resolution;
  faults.push({
    field: 'tuning.preset.name',
    reason: CauseReason.NotSupported,
    message: `${shown(tuning.preset.name)} cannot be tuned`,
    remedy: `tunable presets: ${tunableNames.join(', ')}`,
  });
  return undefined;
}

function checkMethod(method: string | undefined, { faults }: Findings): void {
  const field = 'tuning.method';
  if (method === undefined || method === '') {
    faults.push({
      field,
      reason: CauseReason.Required,
      message: 'tuning.method is required',
      remedy: 'write lora or qlora',
    });
  } else if (!tuningMethods.some((known) => known === method.toLowerCase())) {
    const remedy = `write ${suggest(method, tuningMethods) ?? 'lora or qlora'}`;
    faults.push({
      field,
      reason: CauseReason.NotSupported,
      message: `${shown(method)} is not a tuning method`,
      remedy,
    });
  }
}
