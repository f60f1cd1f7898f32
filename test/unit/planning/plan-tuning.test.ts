import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tunablePresets } from '../../../presets/catalogue.ts';
import { plan, refusal } from './workspaces.ts';

const output = { image: 'registry.example/adapter:1', imagePushSecret: 'push' };
const tuning = (preset: string) => ({
  preset: { name: preset },
  method: 'lora',
  input: { urls: ['https://data.example/train.parquet'] },
  output,
});

describe('the plan of a tuning job', () => {
  for (const preset of ['phi-4', 'mistral-7b', 'qwen2.5-coder-32b-instruct']) {
    it(`is one node with all its GPUs, whatever the model: ${preset}`, () => {
      const made = plan({ tuning: tuning(preset), instanceType: 'Standard_NC96ads_A100_v4' });
      assert.deepEqual(
        [made.workload, made.nodeCount, made.gpusPerNode, made.diskGiB, made.dtype, made.estimate],
        ['tuning', 1, 4, 1024, 'bfloat16', null],
      );
    });
  }

  it('computes in float16 where the GPU has no bfloat16', () => {
    const made = plan({ tuning: tuning('phi-3-mini-4k-instruct'), instanceType: 'Standard_NC6s_v3' });
    assert.equal(made.dtype, 'float16');
    assert.match(made.warnings.join('\n'), /Azure has retired Standard_NC6s_v3/);
    assert.match(made.warnings.join('\n'), /known to work with 72Gi of GPU memory; this size has 16Gi/);
  });

  it('is refused on a size whose GPUs nobody knows', () => {
    const draft = { tuning: tuning('phi-4'), instanceType: 'Standard_D4s_v5' };
    assert.match(refusal(draft).faults[0]?.message ?? '', /Unsupported SKU "Standard_D4s_v5"/);
  });

  it('is there for ten presets', () => assert.equal(tunablePresets.length, 10));
});
