import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace, type PlanContext } from '../../../shared/planning/plan.ts';
import { workspace } from '../planning/workspaces.ts';
import { assertGolden } from './golden.ts';

const preset = { name: 'phi-3-mini-128k-instruct' };
const urls = ['https://data.example/a/train.parquet?download=true', 'https://data.example/b.json'];
const pushed = { image: 'me.azurecr.io/adapters/phi:0.0.1', imagePushSecret: 'acr' };

interface TuningCase {
  golden: string;
  tuning: object;
  context?: PlanContext;
  instanceType?: string;
}

const cases: readonly TuningCase[] = [
  {
    golden: 'tuning-quick-start-v100',
    instanceType: 'Standard_NC6s_v3',
    tuning: {
      preset: { name: 'phi-3-mini-4k-instruct' },
      method: 'qlora',
      input: { urls: urls.slice(0, 1) },
      output: pushed,
    },
  },
  {
    golden: 'tuning-qlora-urls-to-image',
    tuning: { preset, method: 'qlora', input: { urls }, output: pushed },
  },
  {
    golden: 'tuning-lora-volume-to-volume',
    instanceType: 'Standard_NC48ads_A100_v4',
    tuning: {
      preset: { name: 'phi-4' },
      method: 'lora',
      config: 'my-params',
      input: { volumeSource: { persistentVolumeClaim: { claimName: 'in' } } },
      output: { volumeSource: { persistentVolumeClaim: { claimName: 'out' } } },
    },
    context: { trainingConfig: 'training_config:\n  TrainingArguments:\n    output_dir: runs/one\n' },
  },
  {
    golden: 'tuning-qlora-image-to-image',
    tuning: {
      preset,
      method: 'QLoRA',
      input: { name: 'set', image: 'ghcr.io/me/data', imagePullSecrets: ['ghcr'] },
      output: pushed,
    },
  },
];

function render({ tuning, context = {}, instanceType = 'Standard_NC24ads_A100_v4' }: TuningCase) {
  const valid = workspace({ name: 'tune-phi', tuning, instanceType });
  const result = planWorkspace(valid, context);
  assert.ok(result.ok, JSON.stringify(result));
  return renderWorkload(valid, result.plan, {
    ownerUid: 'uid-1',
    localNvmeStorageClass: false,
    revision: '3',
  });
}

describe('the manifests of a tuning Workspace', () => {
  for (const each of cases)
    it(`are KAITO's, field by field: ${each.golden}`, () => assertGolden(each.golden, render(each)));

  it('bring no Service', () => {
    assert.deepEqual(
      render({ golden: '', tuning: { preset, method: 'lora', input: { urls }, output: pushed } }).map(
        ({ kind }) => kind,
      ),
      ['ConfigMap', 'Job'],
    );
  });

  it('put an image reference into scripts as one quoted word', () => {
    const objects = render({
      golden: '',
      tuning: { preset, method: 'lora', input: { urls: ["https://data.example/x'$(id)"] }, output: pushed },
    });
    assert.match(JSON.stringify(objects), /DATA_URLS/);
    assert.doesNotMatch(JSON.stringify(objects).replace(/"value":"[^"]*"/g, ''), /\$\(id\)/);
  });
});
