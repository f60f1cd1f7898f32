import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planWorkspace } from '../../../shared/planning/plan.ts';
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

  it('explains every term of the sum', () => {
    const lines = explainEstimate(plan({ preset: 'llama-3.3-70b-instruct' }));
    for (const term of [
      '80 GiB',
      '67.2 GiB',
      '2.3 GiB',
      '0.63 GiB',
      '61.21 GiB',
      '134.05 GiB',
      '3 node(s)',
    ]) {
      assert.ok(
        lines.some((line) => line.includes(term)),
        `${term} in\n${lines.join('\n')}`,
      );
    }
  });

  it('ignores resource.count for vLLM, as KAITO does', () => assert.equal(plan({ count: 5 }).nodeCount, 1));
});
