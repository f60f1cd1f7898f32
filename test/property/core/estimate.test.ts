import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { estimateNodes } from '../../../shared/planning/estimate.ts';
import { gpuSizes } from '../../../shared/planning/gpu-size-table.ts';
import { gibibyte } from '../../../shared/planning/quantity.ts';
import { seed } from './seed.ts';

const model = fc.record({
  weightBytes: fc.integer({ min: 1, max: 2000 * gibibyte }),
  bytesPerToken: fc.integer({ min: 1, max: 2 ** 20 }),
});
const gpus = fc.record({
  gpuCount: fc.integer({ min: 1, max: 8 }),
  totalMemoryGiB: fc.integer({ min: 4, max: 2000 }),
});
const contextTokens = fc.integer({ min: 1, max: 2 ** 20 });
const options = { seed: seed('estimate'), numRuns: 2000 };

/** Nodes, or infinity where nothing fits. */
function nodes(input: Parameters<typeof estimateNodes>[0]): number {
  const estimate = estimateNodes(input);
  return estimate.fits ? estimate.nodes : Number.POSITIVE_INFINITY;
}

describe('the node estimate', () => {
  it('never asks for more nodes when GPUs have more memory', () => {
    fc.assert(
      fc.property(
        model,
        gpus,
        contextTokens,
        fc.integer({ min: 1, max: 1000 }),
        (one, machine, context, more) => {
          const larger = { ...machine, totalMemoryGiB: machine.totalMemoryGiB + more };
          assert.ok(
            nodes({ model: one, gpus: larger, contextTokens: context }) <=
              nodes({ model: one, gpus: machine, contextTokens: context }),
          );
        },
      ),
      options,
    );
  });

  it('never asks for fewer nodes when the context is longer or the model larger', () => {
    fc.assert(
      fc.property(
        model,
        gpus,
        contextTokens,
        fc.integer({ min: 1, max: 2 ** 20 }),
        (one, machine, context, more) => {
          const base = nodes({ model: one, gpus: machine, contextTokens: context });
          assert.ok(nodes({ model: one, gpus: machine, contextTokens: context + more }) >= base);
          assert.ok(
            nodes({
              model: { ...one, weightBytes: one.weightBytes + more * 1024 },
              gpus: machine,
              contextTokens: context,
            }) >= base,
          );
        },
      ),
      options,
    );
  });

  it('gives nodes on which weights, cache and overhead fit', () => {
    fc.assert(
      fc.property(model, gpus, contextTokens, (one, machine, context) => {
        const estimate = estimateNodes({ model: one, gpus: machine, contextTokens: context });
        if (!estimate.fits) return;
        const { budget, overhead, cache, weightsOnAllGpus } = estimate.terms;
        const perGpu = weightsOnAllGpus / (estimate.nodes * machine.gpuCount);
        assert.ok(perGpu * 1.05 + overhead + cache <= budget * (1 + 1e-9));
        assert.ok(Number.isSafeInteger(estimate.nodes) && estimate.nodes >= 1);
      }),
      options,
    );
  });

  it('has sane facts of every size to work with', () => {
    for (const size of gpuSizes) {
      assert.ok(
        size.gpuCount > 0 && size.totalMemoryGiB > 0 && size.vcpus > 0 && size.hourlyPrice > 0,
        size.name,
      );
      assert.ok(/^Standard_N/.test(size.name) && size.quotaFamily !== '', size.name);
    }
  });
});
