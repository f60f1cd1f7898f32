import { Annotation, userNodeLabels } from './annotations.ts';
import { equalMeaning } from './canonical.ts';
import { annotationMeaning, specMeaning } from './meaning.ts';
import type { JsonObject } from './schema/structural-schema.ts';
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
  Annotation.enableLoadBalancer,
  Annotation.bypassResourceChecks,
  Annotation.nodeClassName,
  Annotation.modelStreaming,
]);
const needNewNodes: ReadonlySet<string> = new Set([Annotation.nodeImageFamily]);
const ownPrefix = 'slipway.dev/';

/**
 * What differs between a recorded Workspace and its valid successor, and what that asks for. Whether the number of nodes changes
 * is for the plans to say: see `updateBetween` in planning. KAITO applies fewer changes to running workloads; see docs/kaito-differences.md.
 */
export function changeBetween(old: Workspace, next: Workspace): Change {
  const effects: [field: string, effect: Change['effect']][] = [];
  const note = (field: string, one: unknown, other: unknown, effect: Change['effect']) => {
    if (!equalMeaning(one, other)) effects.push([field, effect]);
  };
  const [before, after] = [specMeaning(old), specMeaning(next)];
  const section = (name: keyof typeof before, parts: Readonly<Record<string, Change['effect']>>) => {
    for (const [part, effect] of Object.entries(parts))
      note(`${name}.${part}`, partOf(before[name], part), partOf(after[name], part), effect);
  };
  section('resource', { instanceType: 'replace' });
  const sameNodes = equalMeaning(nodeLabelsOf(old), nodeLabelsOf(next));
  section('resource', {
    labelSelector: sameNodes ? 'none' : 'replace',
    preferredNodes: 'none',
    partition: 'rollout',
    count: 'rollout',
  });
  section('inference', { preset: 'rollout', template: 'rollout', config: 'rollout', adapters: 'rollout' });
  section('tuning', { preset: 'rerun', config: 'rerun', input: 'rerun', output: 'rerun', method: 'rerun' });
  const [then, now] = [
    annotationMeaning(old.metadata.annotations),
    annotationMeaning(next.metadata.annotations),
  ];
  for (const key of new Set([...Object.keys(then), ...Object.keys(now)]))
    note(`metadata.annotations[${key}]`, then[key], now[key], effectOf(key));
  return { effect: strongest(effects.map(([, effect]) => effect)), fields: effects.map(([field]) => field) };
}

function partOf(section: JsonObject | undefined, part: string): unknown {
  return section?.[part];
}

/** Only `matchLabels` reach the nodes; an expression asks for the same on paper. Source: reference, trap 8. */
function nodeLabelsOf({ resource }: Workspace): Record<string, string> {
  return userNodeLabels(resource.labelSelector.matchLabels);
}

function effectOf(annotation: string): Change['effect'] {
  if (needNewNodes.has(annotation)) return 'replace';
  // Slipway's own annotations steer the lifecycle, which reads them by itself.
  return withoutRollout.has(annotation) || annotation.startsWith(ownPrefix) ? 'none' : 'rollout';
}

function strongest(effects: readonly Change['effect'][]): Change['effect'] {
  return (['replace', 'rerun', 'rollout'] as const).find((effect) => effects.includes(effect)) ?? 'none';
}
