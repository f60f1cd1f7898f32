/** KAITO's post-load benchmark: the startup probe of a vLLM pod runs it and writes its result into the pod's log. */
import type { EngineFacts } from '../planning/engine-facts.ts';

/** A figure as `status.performance.metrics` holds it. */
export interface Metric {
  description: string;
  /** Shortest decimal form. */
  value: string;
  unit: string;
  config: Record<string, string>;
}

/** `status.performance`. */
export interface Performance {
  metrics: { peakTokensPerMinute: Metric };
}

/** What a log tells, or why it tells nothing that counts. */
export type BenchmarkReading = { performance: Performance } | { failed: string };

const resultTag = 'KAITO_BENCHMARK_RESULT';
const configTag = 'KAITO_BENCHMARK_CONFIG';
/** Characters of a payload that a message quotes. */
const quoted = 200;

/**
 * Reads the last result and the last settings in a pod's log: a probe that failed was run again, and the last word counts. Lines are
 * `<tag> <RFC 3339 time> <JSON>`, anywhere in a line. A throughput of zero or less is how the benchmark reports that it failed.
 * Source: reference, g.5 and k.2.
 */
export function readBenchmark(
  log: string,
  { engine, engineVersion, quantization }: EngineFacts,
): BenchmarkReading {
  const result = lastPayload(log, resultTag);
  if (result === undefined) return { failed: `no ${resultTag} line found in pod logs` };
  const parsed = parseFields(result);
  const total = parsed?.['vllm_total_tpm'] ?? 0;
  if (parsed === undefined || typeof total !== 'number') {
    return { failed: `parsing benchmark result JSON ${JSON.stringify(result.slice(0, quoted))} failed` };
  }
  if (total <= 0) {
    const shown = plainDecimal(total);
    return { failed: `benchmark failed: TPM value ${shown} indicates a failed or incomplete run` };
  }
  const peakTokensPerMinute: Metric = {
    description: 'stress/high-concurrency',
    value: plainDecimal(total),
    unit: 'tokens/min',
    config: { ...readSettings(lastPayload(log, configTag)), engine, engineVersion, quantization },
  };
  return { performance: { metrics: { peakTokensPerMinute } } };
}

/** How the load was made; nothing where that is not told, or not as whole numbers. */
function readSettings(payload: string | undefined): Record<string, string> {
  const fields = payload === undefined ? undefined : parseFields(payload);
  if (fields === undefined) return {};
  const settings = {
    durationSec: fields['duration_sec'] ?? 0,
    inputTokens: fields['input_tokens'] ?? 0,
    outputTokens: fields['output_tokens'] ?? 0,
    maxConcurrency: fields['max_concurrency'] ?? 0,
  };
  const whole = Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? [[name, String(value)] as const] : [],
  );
  return whole.length === Object.keys(settings).length ? Object.fromEntries(whole) : {};
}

function lastPayload(log: string, tag: string): string | undefined {
  let start = log.lastIndexOf(tag);
  while (start !== -1) {
    const end = log.indexOf('\n', start);
    const line = log.slice(start + tag.length, end === -1 ? undefined : end).trim();
    const space = line.indexOf(' ');
    const payload = space === -1 ? '' : line.slice(space + 1).trim();
    if (payload !== '') return payload;
    start = start === 0 ? -1 : log.lastIndexOf(tag, start - 1);
  }
  return undefined;
}

function parseFields(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // a log holds what it holds; the caller says that it is no JSON
  }
}

/** A number without an exponent, in the fewest digits that tell it from its neighbours. */
function plainDecimal(value: number): string {
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  const sign = value < 0 ? '-' : '';
  const shift = Number(exponent);
  return shift < 0
    ? `${sign}0.${'0'.repeat(-shift - whole.length)}${whole}${fraction}`
    : `${sign}${whole}${fraction.padEnd(shift, '0')}`;
}
