import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { models } from '../../../presets/catalogue.ts';
import { estimatePreset } from '../../../shared/planning/estimate-preset.ts';
import { estimateNodes } from '../../../shared/planning/estimate.ts';
import { gpuSizes } from '../../../shared/planning/gpu-size-table.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { workedEstimates } from './worked-estimates.ts';
import { workspace } from './workspaces.ts';

describe('the estimate of a preset', () => {
  it('is that of the worked examples', () => {
    for (const { model, instanceType, context, nodes } of workedEstimates) {
      const estimate = estimatePreset(model, instanceType, context);
      assert.equal(estimate.ok ? estimate.nodes : null, nodes, `${model} on ${instanceType}`);
    }
  });

  it("is what a Workspace of it is planned with, for every model on every size of KAITO's", () => {
    for (const { id } of models) {
      for (const { name } of gpuSizes.filter(({ inKaito }) => inKaito)) {
        const estimate = estimatePreset(id, name);
        const planned = planWorkspace(workspace({ preset: id, instanceType: name }));
        assert.equal(planned.ok && planned.plan.nodeCount, estimate.ok && estimate.nodes, `${id} on ${name}`);
      }
    }
  });

  it('takes 2048 tokens where no positive whole number is given', () => {
    const usual = estimatePreset('phi-4', 'Standard_NV36ads_A10_v5');
    assert.ok(usual.ok);
    assert.equal(usual.terms.cache, 2048 * 204800);
    for (const tokens of [0, -1, 1.5, NaN, Infinity])
      assert.deepEqual(estimatePreset('phi-4', 'Standard_NV36ads_A10_v5', tokens), usual);
  });

  it('fits nothing on no GPUs', () => {
    const model = { weightBytes: 1, bytesPerToken: 1 };
    for (const gpus of [
      { gpuCount: 0, totalMemoryGiB: 0 },
      { gpuCount: 1, totalMemoryGiB: NaN },
    ])
      assert.equal(estimateNodes({ model, gpus, contextTokens: 1 }).fits, false);
  });

  it('names sizes that fit where it knows the model', () => {
    for (const size of ['Standard_X', 'Standard_NV6ads_A10_v5']) {
      const estimate = estimatePreset('phi-4', size, 16384);
      assert.match(
        estimate.ok ? '' : (estimate.fault.remedy ?? ''),
        /^cheapest that fit: (Standard_\w+ \(\d nodes?\)(, )?){3}$/,
      );
    }
  });

  it('needs a known preset and a known size', () => {
    assert.ok(!estimatePreset('some/model', 'Standard_NC24ads_A100_v4').ok);
    assert.ok(!estimatePreset('phi-4', 'Standard_X').ok);
  });
});
