import { createHash } from 'node:crypto';
import { ControllerAnnotation } from './annotations.ts';
import { canonicalJson } from './canonical.ts';
import type { Preset, Workspace } from './workspace.ts';

/**
 * Hash of everything the user wants: spec, intent annotations, and whether deletion is wished.
 * Two Workspaces of equal meaning have equal hashes: defaults are applied, neither key order nor API version counts.
 */
export function intentHash(workspace: Workspace): string {
  const { annotations, deletionTimestamp } = workspace.metadata;
  const intent = Object.entries(annotations).filter(([key]) => isIntent(key));
  return sha256({
    ...specOf(workspace),
    annotations: Object.fromEntries(intent),
    deleting: deletionTimestamp !== undefined,
  });
}

/** Hash of the spec alone (resource, inference, tuning): KAITO's revision hash by purpose. */
export function specHash(workspace: Workspace): string {
  return sha256(specOf(workspace));
}

/** KAITO keeps the inputs of model streaming under a prefix of their own. Source: reference, a.3. */
const intentPrefixes = ['kaito.sh/', 'inference.kaito.sh/', 'slipway.dev/'];
const written: ReadonlySet<string> = new Set(Object.values(ControllerAnnotation));

/** Whether an annotation tells what the user wants, rather than what a controller noted. */
export function isIntent(key: string): boolean {
  return intentPrefixes.some((prefix) => key.startsWith(prefix)) && !written.has(key);
}

function specOf({ resource, inference, tuning }: Workspace): object {
  return {
    resource: { ...resource, instanceType: resource.instanceType?.toLowerCase() },
    inference: inference && { ...inference, preset: caseless(inference.preset) },
    tuning: tuning && { ...tuning, preset: caseless(tuning.preset), method: tuning.method?.toLowerCase() },
  };
}

/** Preset names mean the same in any case. */
function caseless(preset: Preset | undefined): Preset | undefined {
  return preset && { ...preset, name: preset.name.toLowerCase() };
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
