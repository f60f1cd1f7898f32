/** How a model that answers becomes Ready: KAITO waits for the result of the benchmark. Source: reference, k.2. */
import type { BenchmarkReading } from './benchmark.ts';
import { benchmarkCondition } from './benchmark-condition.ts';
import type { Verdict } from './conditions.ts';
import type { Settled, Step } from './decision.ts';
import { settle } from './decision.ts';
import type { FailureFacts } from './failing.ts';
import { Phase } from './phase.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { SlipwayStatus } from './slipway-status.ts';
import { benchmarkRetrySeconds, unreadLogRetrySeconds } from './timing.ts';

/** What came of a look at the log: what stands in it, or why it could not be read. */
export type BenchmarkLook = BenchmarkReading | { unread: FailureFacts & { retryAfterSeconds?: number } };

const completed: Verdict = {
  ready: true,
  reason: 'BenchmarkCompleted',
  message: 'benchmark result has been recorded',
};

/** The step of a workspace whose model answers. */
export const answering = {
  phase: Phase.Ready,
  why: 'the model answers',
  change: { replacements: 0, failure: null },
} satisfies Step;

/**
 * The turn's end after the log of a model that answers was looked at. The phase is Ready either way, for it does answer; without a result
 * `status.state` is NotReady, and the log is looked at again.
 */
export function settleBenchmarked(
  snapshot: WorkspaceSnapshot,
  status: SlipwayStatus,
  look: BenchmarkLook,
  now: string,
): Settled {
  if ('performance' in look) {
    const { performance } = look;
    const { value, unit } = performance.metrics.peakTokensPerMinute;
    const trail = [{ what: completed.reason, why: `${value} ${unit} at its peak` }];
    return settle(snapshot, status, { ...answering, benchmark: completed, performance, trail }, now);
  }
  const { message, sleepSeconds } = shortcoming(look);
  const benchmark: Verdict = { ready: false, reason: 'BenchmarkFailed', message };
  const told = benchmarkCondition(snapshot.conditions)?.message === message;
  const step: Step = {
    ...answering,
    benchmark,
    waitingFor: { what: `a benchmark result in the pod's log: ${message}` },
    trail: told ? [] : [{ what: benchmark.reason, why: message }],
    sleepSeconds,
  };
  return settle(snapshot, status, step, now);
}

function shortcoming(look: Exclude<BenchmarkLook, { performance: unknown }>): {
  message: string;
  sleepSeconds: number;
} {
  if ('failed' in look) return { message: look.failed, sleepSeconds: benchmarkRetrySeconds };
  const { code, message, remedy, retryAfterSeconds = 0 } = look.unread;
  return {
    message: `${code}: ${message}${remedy === undefined ? '' : ` ${remedy}`}`,
    sleepSeconds: Math.max(unreadLogRetrySeconds, retryAfterSeconds),
  };
}
