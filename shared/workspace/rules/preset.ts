import { CauseReason, shown, type Findings } from '../fault.ts';
import type { Preset } from '../workspace.ts';
import { resolvePreset, type PresetResolution } from '../../planning/resolve-preset.ts';

/** Resolves the preset's name and reports one that means nothing: I2, T7 and R0. Undefined when it cannot be used. */
export function checkPreset(
  preset: Preset,
  section: 'inference' | 'tuning',
  { faults }: Findings,
): PresetResolution | undefined {
  const resolution = resolvePreset(preset.name);
  if (resolution.kind === 'known' || resolution.kind === 'foreign') return resolution;
  const field = `${section}.preset.name`;
  if (resolution.kind === 'deprecated') {
    const message = `Unsupported ${section} preset name ${shown(preset.name)}: the model is deprecated and no longer supported`;
    faults.push({
      field,
      reason: CauseReason.NotSupported,
      message,
      remedy: 'use a current preset, such as phi-4-mini-instruct',
    });
    return undefined;
  }
  const remedy =
    resolution.nearest === undefined
      ? 'use a preset of the catalogue or a Hugging Face id (org/model)'
      : `did you mean ${resolution.nearest}?`;
  const reason = preset.name === '' ? CauseReason.Required : CauseReason.NotSupported;
  faults.push({ field, reason, message: `Unsupported ${section} preset name ${shown(preset.name)}`, remedy });
  return undefined;
}

/** v1alpha1 only: a private preset needs its image. */
export function checkAccessMode(preset: Preset, section: 'inference' | 'tuning', { faults }: Findings): void {
  if (preset.accessMode !== 'private' || (preset.presetOptions?.image ?? '') !== '') return;
  const message = 'accessMode private needs an image: image must be provided';
  faults.push({
    field: `${section}.preset.presetOptions.image`,
    reason: CauseReason.Required,
    message,
    remedy: 'name the image, or use accessMode public',
  });
}
