import type { Plan } from './plan-shape.ts';

/** Seconds, from a good day to a bad one that is still usual. */
export interface Range {
  from: number;
  to: number;
}

export interface WaitPart {
  what: string;
  seconds: Range;
  /** What the range rests on. */
  basis: string;
}

/** What has to happen before a workload is ready, in its order. Parts do not overlap, so the whole is their sum. */
export interface TimeToReady {
  seconds: Range;
  parts: WaitPart[];
}

const minutes = (from: number, to: number): Range => ({ from: from * 60, to: to * 60 });

/** KAITO's base image, compressed. Source: the registry's published size. */
const imageGiB = 8;
/** GiB a second. A node pulls from the region's registry, and weights from a public hub, between these speeds. */
const pullSpeed = { slow: 0.06, fast: 0.2 };
const hubSpeed = { slow: 0.1, fast: 0.6 };
/** From disk, or page cache, to GPU memory. */
const loadSpeed = { slow: 0.5, fast: 2 };

/** The usual time from "accepted" to "ready". An estimate from documented ranges, not a promise: capacity can take longer than all of it. */
export function timeToReady(plan: Plan): TimeToReady {
  const parts = [...nodeParts(plan), ...workloadParts(plan)];
  const sum = (end: keyof Range): number => parts.reduce((total, { seconds }) => total + seconds[end], 0);
  return { seconds: { from: sum('from'), to: sum('to') }, parts };
}

function nodeParts({ broughtNodes }: Plan): WaitPart[] {
  if (broughtNodes) return [];
  return [
    {
      what: 'Azure creates the agent pool',
      seconds: minutes(3, 10),
      basis: 'GPU pools of AKS usually take 3 to 10 minutes, up to 20 before a lack of capacity is reported',
    },
    {
      what: 'nodes join and register their GPUs',
      seconds: minutes(0.5, 3),
      basis: 'kubelet start, network plugin, then the NVIDIA device plugin',
    },
  ];
}

function workloadParts({ model, workload, benchmark }: Plan): WaitPart[] {
  const pull: WaitPart = {
    what: 'image pull',
    seconds: rangeOf(imageGiB, pullSpeed),
    basis: `base image of ${imageGiB} GiB at ${pullSpeed.slow} to ${pullSpeed.fast} GiB/s`,
  };
  if (workload === 'template' || model === null)
    return [
      { ...pull, what: 'image pull, as large as the base image', basis: `${pull.basis}; yours may differ` },
    ];
  const weights = Number.parseFloat(model.weights) || 0;
  const served: WaitPart[] = [
    {
      what: 'weights are downloaded',
      seconds: rangeOf(weights, hubSpeed),
      basis: `${weights} GiB from the hub at ${hubSpeed.slow} to ${hubSpeed.fast} GiB/s; less where the image holds them`,
    },
    {
      what: 'weights are loaded and the engine starts',
      seconds: withMargin(rangeOf(weights, loadSpeed), minutes(0.5, 2)),
      basis: `${loadSpeed.slow} to ${loadSpeed.fast} GiB/s into GPU memory, then 0.5 to 2 minutes of CUDA set-up`,
    },
  ];
  const probe: WaitPart = {
    what: 'benchmark probe',
    seconds: { from: 60, to: 90 },
    basis: 'KAITO measures for 60 s before it reports ready; kaito.sh/disable-benchmark leaves it out',
  };
  return [pull, ...served, ...(benchmark ? [probe] : [])];
}

function rangeOf(gibibytes: number, { slow, fast }: { slow: number; fast: number }): Range {
  return { from: Math.round(gibibytes / fast), to: Math.round(gibibytes / slow) };
}

function withMargin(one: Range, other: Range): Range {
  return { from: one.from + other.from, to: one.to + other.to };
}
