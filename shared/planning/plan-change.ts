import type { Plan } from './plan.ts';

/** What becomes of the nodes when one plan follows another. */
export type NodeChange = 'keep' | 'scale' | 'replace';

/**
 * Whether the nodes of one plan serve another. A VM size and an OS disk cannot be changed in place; a smaller disk than the nodes
 * have is no reason to replace them.
 */
export function planChange(old: Plan, next: Plan): NodeChange {
  if (old.instanceType !== next.instanceType || next.diskGiB > old.diskGiB) return 'replace';
  return old.nodeCount === next.nodeCount ? 'keep' : 'scale';
}
