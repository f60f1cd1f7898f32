import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatePreset } from '../../../shared/planning/estimate-preset.ts';
import { gpuSizes } from '../../../shared/planning/gpu-size-table.ts';
import { findGpuSize } from '../../../shared/planning/gpu-sizes.ts';
import { presetNames, resolvePreset } from '../../../shared/planning/resolve-preset.ts';
import { cheapestSizes } from '../../../shared/planning/size-advice.ts';
import { refusal } from './workspaces.ts';

function factsOf(name: string) {
  const resolution = resolvePreset(name);
  assert.ok(resolution.kind === 'known', name);
  return resolution.facts;
}

describe('the sizes that are named where one does not fit', () => {
  it('are three for every preset, current, of NVIDIA, and hold it', () => {
    for (const name of presetNames()) {
      const model = factsOf(name);
      for (const context of [2048, model.contextLimit]) {
        const advised = cheapestSizes(model, context);
        assert.equal(advised.length, 3, `${name} with ${context} tokens`);
        for (const each of advised) {
          const size = findGpuSize(each.name);
          assert.ok(size && size.retired !== true && size.computeCapability !== undefined, each.name);
          const estimate = estimatePreset(name, each.name, context);
          assert.equal(estimate.ok && estimate.nodes, each.nodes);
        }
      }
    }
  });

  it('are the cheapest of those that take at most four nodes', () => {
    for (const name of presetNames()) {
      const advised = cheapestSizes(factsOf(name), 2048);
      const dearest = advised.at(-1)?.hourlyPrice ?? 0;
      const named = new Set(advised.map((each) => each.name));
      for (const { name: other, computeCapability = 0, azureName, hourlyPrice } of gpuSizes) {
        if (computeCapability < 8 || azureName !== undefined || named.has(other)) continue;
        const estimate = estimatePreset(name, other);
        if (estimate.ok && estimate.nodes <= 4)
          assert.ok(estimate.nodes * hourlyPrice >= dearest, `${other} for ${name}`);
      }
    }
  });

  it('may take more nodes where fewer will not do', () => {
    const huge = { ...factsOf('llama-3.3-70b-instruct'), weightBytes: 6000 * 2 ** 30 };
    const advised = cheapestSizes(huge, 2048);
    assert.equal(advised.length, 3);
    assert.ok(advised.every(({ nodes }) => nodes > 4));
  });

  it('are none when no GPU holds the context', () => {
    const endless = { ...factsOf('phi-4'), bytesPerToken: 2 ** 40 };
    assert.deepEqual(cheapestSizes(endless, 2048), []);
  });

  it('are named in the refusal', () => {
    const draft = {
      preset: 'phi-3-mini-128k-instruct',
      instanceType: 'Standard_NV6ads_A10_v5',
      inference: { config: 'params' },
    };
    const [fault] = refusal(draft, { inferenceConfig: 'vllm: { max-model-len: 4096 }' }).faults;
    assert.match(fault?.message ?? '', /too small for phi-3-mini-128k-instruct with 4096 tokens/);
    assert.equal(
      fault?.remedy,
      'cheapest that fit: Standard_NC4as_T4_v3 (1 node), Standard_NC8as_T4_v3 (1 node), Standard_NC16as_T4_v3 (1 node)',
    );
  });
});
