import { z } from 'zod';

/** `*` stands for any run of characters; matching ignores case. */
export function matchesPattern(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const expression = pattern
    .split('*')
    .map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'is').test(text);
}

const seconds = z.number().nonnegative();

/** How many distinct machines or pods a rule may hit; without it, all that match. */
const times = z.number().int().positive().optional();

export const nodeFaultSchema = z.strictObject({
  match: z.strictObject({
    cluster: z.string().optional(),
    pool: z.string().optional(),
    node: z.string().optional(),
  }),
  times,
  /**
   * `neverJoins`: no Node appears. `neverReady`: it joins and stays NotReady. `notReady`: its kubelet falls silent
   * `afterSeconds` after it was Ready, for `forSeconds` (or for good). `lost`: the machine is gone (also a spot
   * eviction). `noGpu`: the driver finds no GPU, so nothing becomes allocatable.
   */
  effect: z.enum(['neverJoins', 'neverReady', 'notReady', 'lost', 'noGpu']),
  afterSeconds: seconds.optional(),
  forSeconds: seconds.optional(),
});
export type NodeFault = z.infer<typeof nodeFaultSchema>;

export const podFaultSchema = z.strictObject({
  match: z.strictObject({
    cluster: z.string().optional(),
    namespace: z.string().optional(),
    name: z.string().optional(),
    container: z.string().optional(),
  }),
  times,
  /**
   * `imagePullBackOff`, `crashLoop`, `oomKilled` and `evicted` are what Kubernetes calls them; `neverReady` runs without
   * ever passing a probe; `fails` ends a Job's container with `exitCode`; `slow` multiplies its durations by `factor`.
   * `benchmarkFailed` and `benchmarkUnlogged` leave the pod as it is: its log tells of a failed run, or of none.
   */
  effect: z.enum([
    'imagePullBackOff',
    'crashLoop',
    'oomKilled',
    'neverReady',
    'evicted',
    'fails',
    'slow',
    'benchmarkFailed',
    'benchmarkUnlogged',
  ]),
  /** From the container's start until it crashes, is killed or is evicted. */
  afterSeconds: seconds.optional(),
  exitCode: z.number().int().optional(),
  factor: z.number().positive().optional(),
});
export type PodFault = z.infer<typeof podFaultSchema>;

/** What the simulated cluster asks about faults. The answers may change at any time: `onChange` says when. */
export interface ClusterFaults {
  node(target: { cluster: string; pool: string; node: string }): NodeFault[];
  pod(target: { cluster: string; namespace: string; name: string; uid: string }): PodFault[];
  onChange(listener: () => void): void;
}
