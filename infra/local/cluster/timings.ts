import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const seconds = z.number().nonnegative();

const schema = z.strictObject({
  arm: z.strictObject({
    poolCreate: seconds,
    poolUpdate: seconds,
    poolScale: seconds,
    poolDelete: seconds,
    deleteMachines: seconds,
    upgradeNodeImage: seconds,
    abort: seconds,
    clusterStop: seconds,
    clusterStart: seconds,
    clusterDelete: seconds,
    operationRetryAfter: seconds,
  }),
  nodes: z.strictObject({
    join: seconds,
    ready: seconds,
    monitorGracePeriod: seconds,
    lostRemoval: seconds,
    devicePlugin: seconds,
    launchRetry: seconds,
    terminate: seconds,
  }),
  pods: z.strictObject({
    imagePullBase: seconds,
    imagePullPerGiB: seconds,
    defaultImageGiB: seconds,
    containerStart: seconds,
    pullBackOff: seconds,
    crashBackOffBase: seconds,
    crashBackOffLimit: seconds,
    crashAfter: seconds,
    jobRun: seconds,
    terminate: seconds,
  }),
  model: z.strictObject({
    engineStart: seconds,
    downloadPerGiB: seconds,
    loadPerGiB: seconds,
    defaultWeightsGiB: seconds,
    weightsGiBPerBillion: seconds,
    benchmark: seconds,
  }),
  images: z.record(z.string(), seconds),
});

/** Durations of simulated things in virtual seconds; the meaning and source of each number stand in timings.yaml. */
export type Timings = z.infer<typeof schema>;

const overridesSchema = z.strictObject({
  arm: schema.shape.arm.partial().optional(),
  nodes: schema.shape.nodes.partial().optional(),
  pods: schema.shape.pods.partial().optional(),
  model: schema.shape.model.partial().optional(),
  images: schema.shape.images.optional(),
});

/** Some numbers of `Timings`; the rest keep their defaults. */
export type TimingOverrides = z.infer<typeof overridesSchema>;

/** The numbers of timings.yaml with `overrides` laid over them. Throws a ZodError that names a bad or unknown number. */
export function loadTimings(overrides: TimingOverrides = {}): Timings {
  const text = readFileSync(new URL('./timings.yaml', import.meta.url), 'utf8');
  const defaults = schema.parse(parse(text));
  return schema.parse({
    arm: { ...defaults.arm, ...overrides.arm },
    nodes: { ...defaults.nodes, ...overrides.nodes },
    pods: { ...defaults.pods, ...overrides.pods },
    model: { ...defaults.model, ...overrides.model },
    images: { ...overrides.images, ...defaults.images, ...overrides.images },
  });
}

/** Reads a partial timings file (YAML or JSON) for `loadTimings`. */
export function readTimingOverrides(file: string): TimingOverrides {
  return overridesSchema.parse(parse(readFileSync(file, 'utf8')));
}
