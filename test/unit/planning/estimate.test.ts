import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { estimateNodes } from '../../../shared/planning/estimate.ts';
import { explainEstimate } from '../../../shared/planning/explain.ts';
import { workedEstimates } from './worked-estimates.ts';
import { plan, workspace } from './workspaces.ts';

/** The worked table rounds each term by its own whim, to two or three digits. */
function assertNear(actual: number, expected: number | null, term: string): void {
  if (expected !== null)
    assert.ok(Math.abs(actual - expected) <= 0.051, `${term}: ${actual}, expected ${expected}`);
}

function planFor(model: string, instanceType: string, context: number) {
  return planWorkspace(workspace({ preset: model, instanceType, inference: { config: 'params' } }), {
    inferenceConfig: `vllm:\n  max-model-len: ${context}\n`,
  });
}

describe('the node estimate', () => {
  it('has KAITO worked examples to reproduce', () => assert.equal(workedEstimates.length, 28));
  for (const row of workedEstimates) {
    it(`plans ${row.nodes ?? 'no'} node(s) for ${row.model} on ${row.instanceType} with ${row.context} tokens, as KAITO does`, () => {
      const result = planFor(row.model, row.instanceType, row.context);
      if (row.nodes === null) {
        assert.ok(!result.ok);
        assert.equal(result.faults[0]?.field, 'resource.instanceType');
        assert.match(result.faults[0].message, /too small/);
        return;
      }
      assert.ok(result.ok, JSON.stringify(result));
      const { estimate, nodeCount, warnings } = result.plan;
      assert.ok(estimate);
      assert.equal(nodeCount, row.nodes);
      assert.equal(estimate.minimumGpus, row.gpus);
      assertNear(estimate.weightsOnAllGpusGiB, row.weights, 'weights');
      assertNear(estimate.budgetGiB, row.budget, 'budget');
      assertNear(estimate.cacheGiB, row.cache, 'cache');
      assertNear(estimate.roomGiB, row.room, 'room');
      assert.deepEqual(warnings, []);
    });
  }

  it('names the three cheapest sizes that hold a context the chosen one cannot', () => {
    const result = planFor('phi-3-mini-128k-instruct', 'Standard_NV36ads_A10_v5', 131072);
    assert.ok(!result.ok);
    assert.equal(
      result.faults[0]?.remedy,
      'cheapest that fit: Standard_NC24ads_A100_v4 (1 node), Standard_NC40ads_H100_v5 (1 node), Standard_NCC40ads_H100_v5 (1 node)',
    );
  });

  it('explains every term of the sum, so that a reader can follow it', () => {
    assert.deepEqual(explainEstimate(plan({ preset: 'llama-3.3-70b-instruct' })), [
      'llama-3.3-70b-instruct on Standard_NC24ads_A100_v4: 1 GPU(s) of 80 GiB on each node',
      'usable memory of a GPU: 80 GiB x 0.84 = 67.2 GiB',
      'less overhead 2.3 GiB, and KV cache for 2048 tokens 0.63 GiB on each GPU',
      'room for weights: (67.2 - 2.3 - 0.63) GiB / 1.05 = 61.21 GiB on each GPU',
      'weights in memory: 131.42Gi x 1.02 = 134.05 GiB',
      '134.05 GiB / 61.21 GiB, rounded down, and one more: 3 GPU(s)',
      '3 GPU(s) at 1 a node: 3 node(s)',
    ]);
    const transformers = { 'kaito.sh/runtime': 'transformers' };
    assert.match(
      explainEstimate(plan({ count: 2, annotations: transformers })).join(),
      /^2 node\(s\), as asked/,
    );
  });

  it('costs one GPU more when the weights fill the last one exactly', () => {
    // Weights that are a whole number of rooms: (84 - 2.3 - 0) / 1.05 GiB each.
    const gpus = { gpuCount: 1, totalMemoryGiB: 100 };
    const { terms } = estimateNodes({ model: { weightBytes: 0, bytesPerToken: 0 }, gpus, contextTokens: 0 });
    const model = { weightBytes: (terms.room * 2) / 1.02, bytesPerToken: 0 };
    const { terms: exact } = estimateNodes({ model, gpus, contextTokens: 0 });
    assert.equal(exact.weightsOnAllGpus / exact.room, 2);
    assert.equal(exact.minimumGpus, 3);
  });

  it('takes 84 % of an A10, although vLLM is given 82 %', () => {
    const made = plan({ preset: 'phi-3-mini-128k-instruct', instanceType: 'Standard_NV36ads_A10_v5' });
    assert.equal(made.estimate?.budgetGiB, 20.16);
  });

  it("drives the count by the user's max-model-len", () => {
    const nodes = (context: number) => {
      const made = planFor('llama-3.1-8b-instruct', 'Standard_NV36ads_A10_v5', context);
      return made.ok && made.plan.nodeCount;
    };
    assert.deepEqual([nodes(2048), nodes(32768)], [1, 2]);
  });

  it('ignores resource.count for vLLM, as KAITO does', () => assert.equal(plan({ count: 5 }).nodeCount, 1));
});
