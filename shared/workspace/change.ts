import { equalMeaning } from './canonical.ts';
import { isIntent } from './intent.ts';
import { Annotation } from './annotations.ts';
import type { Workspace } from './workspace.ts';

/**
 * What an accepted change asks for, the most far-reaching first: `replace`, other nodes; `rerun`, a new Job;
 * `rollout`, new pods on the same nodes; `none`, nothing in the cluster.
 */
export interface Change {
  effect: 'none' | 'rollout' | 'rerun' | 'replace';
  /** What differs, as field paths. */
  fields: string[];
}

/** Annotations that are looked at only while a thing is made, or while nodes are sized. Source: reference, a.3 and trap 14. */
const withoutRollout: ReadonlySet<string> = new Set([
  Annotation.bypassResourceChecks,
  Annotation.nodeClassName,
]);
const needNewNodes: ReadonlySet<string> = new Set([Annotation.nodeImageFamily]);

/**
 * What differs between a recorded Workspace and its valid successor, and what that asks for. Whether the number of nodes changes
 * is for the plans to say: see `planChange` in planning. KAITO applies fewer changes to running workloads; see docs/kaito-differences.md.
 */
export function changeBetween(old: Workspace, next: Workspace): Change {
  const effects: [field: string, effect: Change['effect']][] = [];
  const note = (field: string, one: unknown, other: unknown, effect: Change['effect']) => {
    if (!equalMeaning(one, other)) effects.push([field, effect]);
  };
  note(
    'resource.instanceType',
    caseless(old.resource.instanceType),
    caseless(next.resource.instanceType),
    'replace',
  );
  note('resource.labelSelector', old.resource.labelSelector, next.resource.labelSelector, 'replace');
  note('resource.partition', old.resource.partition, next.resource.partition, 'rollout');
  note('resource.count', old.resource.count, next.resource.count, 'rollout');
  for (const part of ['preset', 'template', 'config', 'adapters'] as const) {
    note(`inference.${part}`, old.inference?.[part], next.inference?.[part], 'rollout');
  }
  for (const part of ['preset', 'config', 'input', 'output'] as const) {
    note(`tuning.${part}`, old.tuning?.[part], next.tuning?.[part], 'rerun');
  }
  note('tuning.method', caseless(old.tuning?.method), caseless(next.tuning?.method), 'rerun');
  const [before, after] = [old.metadata.annotations, next.metadata.annotations];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (isIntent(key)) note(`metadata.annotations[${key}]`, before[key], after[key], effectOf(key));
  }
  return { effect: strongest(effects.map(([, effect]) => effect)), fields: effects.map(([field]) => field) };
}

function effectOf(annotation: string): Change['effect'] {
  if (needNewNodes.has(annotation)) return 'replace';
  // Slipway's own annotations steer the lifecycle, which reads them by itself.
  return withoutRollout.has(annotation) || annotation.startsWith('slipway.dev/') ? 'none' : 'rollout';
}

function strongest(effects: readonly Change['effect'][]): Change['effect'] {
  return (['replace', 'rerun', 'rollout'] as const).find((effect) => effects.includes(effect)) ?? 'none';
}

function caseless(text: string | undefined): string | undefined {
  return text?.toLowerCase();
}
