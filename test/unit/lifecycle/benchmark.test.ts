import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readBenchmark } from '../../../shared/lifecycle/benchmark.ts';
import { engineFacts } from '../../../shared/planning/engine-facts.ts';

const engine = { engine: 'vllm', engineVersion: '0.25.1', quantization: '' };
const at = '2026-01-01T00:00:00Z';
const result = (json: string): string => `KAITO_BENCHMARK_RESULT ${at} ${json}\n`;
const config = (json: string): string => `KAITO_BENCHMARK_CONFIG ${at} ${json}\n`;
const measured = (tokens: number): string =>
  result(`{"vllm_total_tpm":${tokens},"ttft_avg_ms":100,"tpot_avg_ms":50}`);
const settings = config('{"duration_sec":60,"input_tokens":2048,"output_tokens":256,"max_concurrency":523}');

/** The figure, or why there is none. */
function read(log: string): string {
  const reading = readBenchmark(log, engine);
  return 'failed' in reading ? reading.failed : reading.performance.metrics.peakTokensPerMinute.value;
}

describe('the log of a benchmarked pod', () => {
  it('tells the peak in KAITO’s form, with how it was measured and what served', () => {
    const reading = readBenchmark(
      `starting\n${settings}[info] load\n${measured(12345.67)}[info] ready\n`,
      engine,
    );
    assert.deepEqual(reading, {
      performance: {
        metrics: {
          peakTokensPerMinute: {
            description: 'stress/high-concurrency',
            value: '12345.67',
            unit: 'tokens/min',
            config: {
              durationSec: '60',
              inputTokens: '2048',
              outputTokens: '256',
              maxConcurrency: '523',
              engine: 'vllm',
              engineVersion: '0.25.1',
              quantization: '',
            },
          },
        },
      },
    });
  });

  const cases: [what: string, log: string, expected: string | RegExp][] = [
    ['whole numbers have no point', measured(1_000_000), '1000000'],
    ['the last of several runs counts', measured(-1) + measured(99999), '99999'],
    [
      'the last word counts though it is a failure',
      measured(5) + measured(-1),
      /TPM value -1 indicates a failed/,
    ],
    ['a line may begin with something else', `(EngineCore pid=7) ${measured(500)}`, '500'],
    ['a line may end as Windows has it', measured(500).replace('\n', '\r\n'), '500'],
    ['the newest line may not be ended yet', measured(500).trimEnd(), '500'],
    ['a tag without a payload is passed over', `${measured(500)}KAITO_BENCHMARK_RESULT ${at}\n`, '500'],
    ['no result', `${settings}no benchmark here\n`, 'no KAITO_BENCHMARK_RESULT line found in pod logs'],
    ['an empty log', '', 'no KAITO_BENCHMARK_RESULT line found in pod logs'],
    [
      'a payload that is no JSON',
      result('{not-json}'),
      /^parsing benchmark result JSON "\{not-json\}" failed$/,
    ],
    ['a payload that is no object', result('[1]'), /^parsing/],
    ['a figure that is a text', result('{"vllm_total_tpm":"12"}'), /^parsing/],
    ['a figure that Python wrote as nan', result('{"vllm_total_tpm":nan}'), /^parsing/],
    ['no figure', result('{"ttft_avg_ms":1}'), /TPM value 0 indicates/],
    ['zero', measured(0), /TPM value 0 indicates a failed or incomplete run/],
  ];
  for (const [what, log, expected] of cases) {
    it(what, () => {
      const told = read(log);
      if (typeof expected === 'string') assert.equal(told, expected);
      else assert.match(told, expected);
    });
  }

  it('is quoted in part only when it cannot be read', () => {
    assert.ok(read(result(`{${'x'.repeat(100_000)}`)).length < 400);
  });

  for (const broken of ['{oops', '{"duration_sec":60.5}', '{"max_concurrency":"many"}', '[]']) {
    it(`leaves the settings out when they read ${broken}`, () => {
      const reading = readBenchmark(config(broken) + measured(500), engine);
      assert.ok('performance' in reading);
      assert.deepEqual(reading.performance.metrics.peakTokensPerMinute.config, engine);
    });
  }

  it('gives every figure as a decimal that means the same number, without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true }), (tokens) => {
        const value = read(measured(tokens));
        assert.match(value, /^\d+(\.\d+)?$/);
        assert.equal(Number(value), tokens);
      }),
    );
  });

  it('never throws, whatever it holds', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('KAITO_BENCHMARK_RESULT', 'KAITO_BENCHMARK_CONFIG', ' ', '\n', '{}', at),
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => assert.equal(typeof read(pieces.join('')), 'string')));
  });
});

describe('what serves a model', () => {
  it('is the engine of the base image, with how the weights are quantised', () => {
    const model = { id: 'openai/gpt-oss-20b', shortName: '', weights: '', architectures: [], flags: {} };
    assert.deepEqual(engineFacts({ runtime: 'vllm', model }), {
      engine: 'vllm',
      engineVersion: '0.25.1',
      quantization: 'mxfp4',
    });
    assert.equal(engineFacts({ runtime: 'transformers', model: null }).quantization, '');
    assert.equal(
      engineFacts({ runtime: 'vllm', model: { ...model, id: 'microsoft/phi-4' } }).quantization,
      '',
    );
  });
});
