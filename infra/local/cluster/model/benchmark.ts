import type { Timings } from '../timings.ts';
import { weightsGiB } from './model-command.ts';
import type { ModelCommand } from './model-command.ts';

/** Figures that follow from the model's size alone, so that a test can tell one model's from another's. */
export function benchmarkLines(
  command: ModelCommand,
  { at, gpus, timings }: { at: string; gpus: number; timings: Timings['model'] },
): string[] {
  const gigabytes = Math.max(1, weightsGiB(command.model, timings));
  const config = {
    input_tokens: 2048,
    output_tokens: 256,
    duration_seconds: timings.benchmark,
    concurrency: 16 * Math.max(1, gpus),
  };
  const result = {
    vllm_total_tpm: Math.round((2_400_000 * Math.max(1, gpus)) / gigabytes),
    ttft_avg_ms: Math.round(40 + gigabytes * 6),
    tpot_avg_ms: Math.round((5 + gigabytes * 0.8) * 10) / 10,
  };
  return [
    `KAITO_BENCHMARK_CONFIG ${at} ${JSON.stringify(config)}`,
    `KAITO_BENCHMARK_RESULT ${at} ${JSON.stringify(result)}`,
  ];
}
