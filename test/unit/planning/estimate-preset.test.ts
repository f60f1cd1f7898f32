import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { models } from '../../../presets/catalogue.ts';
import { estimatePreset } from '../../../shared/planning/estimate-preset.ts';
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

  it('needs a known preset and a known size', () => {
    assert.ok(!estimatePreset('some/model', 'Standard_NC24ads_A100_v4').ok);
    assert.ok(!estimatePreset('phi-4', 'Standard_X').ok);
  });
});
