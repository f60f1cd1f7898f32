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

describe('the manifests of an inference Workspace', () => {
  for (const each of manifestCases) {
    it(`are KAITO's, field by field: ${each.golden}`, () => assertGolden(each.golden, render(each)));
  }
});
