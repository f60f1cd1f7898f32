import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderInference } from '../../../shared/manifests/inference.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { workspace } from '../planning/workspaces.ts';
import { manifestCases, type ManifestCase } from './cases.ts';
import { assertGolden } from './golden.ts';

const gates = { mig: true, accelerator: true };

export function render({ draft, context = {}, localNvmeStorageClass = false }: ManifestCase) {
  const valid = workspace(draft, { provisioning: context.provisioning ?? 'auto', gates });
  const result = planWorkspace(valid, context);
  assert.ok(result.ok, JSON.stringify(result));
  return renderInference(valid, result.plan, { ownerUid: 'uid-1', localNvmeStorageClass });
}

describe('a model on a GPU without bfloat16', () => {
  for (const [runtime, flag] of [
    ['vllm', '--dtype=float16'],
    ['transformers', '--torch_dtype=float16'],
  ] as const) {
    it(`computes in float16 on ${runtime}`, () => {
      const draft = {
        preset: 'llama-3.1-8b-instruct',
        instanceType: 'Standard_NC64as_T4_v3',
        annotations: { 'kaito.sh/runtime': runtime },
      };
      const line = JSON.stringify(render({ golden: '', draft }));
      assert.ok(line.includes(flag), line);
      assert.doesNotMatch(line, /bfloat16/);
    });
  }
});

describe('the manifests of an inference Workspace', () => {
  for (const each of manifestCases) {
    it(`are KAITO's, field by field: ${each.golden}`, () => assertGolden(each.golden, render(each)));
  }
});
