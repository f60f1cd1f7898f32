import type { Timings } from '../timings.ts';
import { weightsGiB } from './model-command.ts';
import type { ModelCommand } from './model-command.ts';

interface BenchmarkRun {
  at: string;
  gpus: number;
  timings: Timings['model'];
  /** Every figure is then -1. */
  failed: boolean;
}

/**
 * What KAITO's benchmark_entrypoint.py logs. Figures follow from the model's size alone, so that a test can tell one model's from
 * another's.
 */
export function benchmarkLines(command: ModelCommand, { at, gpus, timings, failed }: BenchmarkRun): string[] {
  const gigabytes = Math.max(1, weightsGiB(command.model, timings));
  const config = {
    duration_sec: timings.benchmark,
    input_tokens: 2048,
    output_tokens: 256,
    max_concurrency: 16 * Math.max(1, gpus),
  };
  const measured = {
    vllm_total_tpm: Math.round((2_400_000 * Math.max(1, gpus)) / gigabytes),
    ttft_avg_ms: Math.round(40 + gigabytes * 6),
    tpot_avg_ms: Math.round((5 + gigabytes * 0.8) * 10) / 10,
  };
  const result = failed ? { vllm_total_tpm: -1, ttft_avg_ms: -1, tpot_avg_ms: -1 } : measured;
  return [
    `KAITO_BENCHMARK_CONFIG ${at} ${JSON.stringify(config)}`,
    `KAITO_BENCHMARK_RESULT ${at} ${JSON.stringify(result)}`,
  ];
}
