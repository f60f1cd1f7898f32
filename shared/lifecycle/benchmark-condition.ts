/** KAITO's condition BenchmarkCompleted: what was said of the benchmark, and whether to ask again. Source: reference, k.1 and k.2. */
import type { Plan } from '../planning/plan.ts';
import type { Condition, Verdict } from './conditions.ts';
import { benchmarkType } from './conditions.ts';
import { Phase } from './phase.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { SlipwayStatus } from './slipway-status.ts';

/** The version of the logic from which on results are read; workspaces that older turns made Ready have none. */
export const benchmarksSince = 3;

/**
 * Whether the log must be read before the workspace is Ready. A result is recorded once. A workspace that is Ready without a word about
 * benchmarks was made so by an older version: its log has gone on, and it stays what it is until its pods start again.
 */
export function needsBenchmark(
  { conditions }: Pick<WorkspaceSnapshot, 'conditions'>,
  { logicVersion, phase }: Pick<SlipwayStatus, 'logicVersion' | 'phase'>,
  plan: Pick<Plan, 'benchmark'>,
): boolean {
  if (!plan.benchmark || logicVersion < benchmarksSince) return false;
  const said = benchmarkCondition(conditions);
  return said === undefined ? phase !== Phase.Ready : said.status !== 'True';
}

/** What is known in turns that do not read the log: a result stays, a failure only while there is a benchmark. */
export function benchmarkSoFar(
  conditions: readonly Condition[],
  plan: Pick<Plan, 'benchmark'> | null,
): Verdict | undefined {
  const said = benchmarkCondition(conditions);
  if (said === undefined) return undefined;
  const ready = said.status === 'True';
  if (!ready && plan?.benchmark === false) return undefined;
  return { ready, reason: said.reason, message: said.message };
}

export function benchmarkCondition(conditions: readonly Condition[]): Condition | undefined {
  return conditions.find(({ type }) => type === benchmarkType);
}
