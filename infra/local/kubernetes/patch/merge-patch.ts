import { isObject } from '../json.ts';

/** Applies an RFC 7386 merge patch: objects merge, null removes, everything else replaces. Neither argument is changed. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return structuredClone(patch);
  const merged = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = applyMergePatch(merged[name], value);
  }
  return merged;
}
