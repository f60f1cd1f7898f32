import type { Condition } from './pod.ts';

/** The conditions with those of `changes` in place; lastTransitionTime moves only when a status does. */
export function withConditions(current: Condition[], changes: Condition[], now: string): Condition[] {
  const changed = changes.map((change) => {
    const before = current.find(({ type }) => type === change.type);
    const kept = before?.status === change.status ? before.lastTransitionTime : undefined;
    return { ...change, lastTransitionTime: kept ?? now };
  });
  const kept = current.filter(({ type }) => !changes.some((change) => change.type === type));
  return [...kept, ...changed].sort((left, right) => left.type.localeCompare(right.type));
}
