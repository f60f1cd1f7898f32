import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import { validateCreate, validateUpdate } from '../../../shared/workspace/validate.ts';
import type { Fault } from '../../../shared/workspace/fault.ts';
import { document } from '../planning/workspaces.ts';

const chosen = 'slipway.dev/node-allocation';

function posted(allocation?: string): Record<string, unknown> {
  const draft = document({ name: 'phi', instanceType: 'Standard_NC24ads_A100_v4' });
  const annotations = allocation === undefined ? {} : { [chosen]: allocation };
  return { ...draft, metadata: { name: 'phi', namespace: 'default', annotations } };
}

function faultsOf(read: { ok: boolean; faults?: Fault[] }): string[] {
  return (read.faults ?? []).map(({ field }) => field);
}

function created(allocation: string, context: Partial<AdmissionContext>): string[] {
  return faultsOf(validateCreate(posted(allocation), context));
}

describe('the annotation slipway.dev/node-allocation', () => {
  it('is taken where nodes come as agent pools, whatever the settings say', () => {
    for (const context of [{}, { nodeAllocation: 'shared' as const }]) {
      for (const allocation of ['shared', 'dedicated']) assert.deepEqual(created(allocation, context), []);
    }
  });

  it('is refused for shared nodes where others make the nodes, by its field', () => {
    const context = { nodeAllocation: 'fixed' as const };
    assert.deepEqual(created('shared', context), [`metadata.annotations[${chosen}]`]);
    assert.deepEqual(created('dedicated', context), []);
  });

  it('is judged anew when it is changed', () => {
    const before = validateCreate(posted());
    assert.ok(before.ok);
    const context = { nodeAllocation: 'fixed' as const };
    const after = validateUpdate(before.value, posted('shared'), context);
    assert.deepEqual(faultsOf(after), [`metadata.annotations[${chosen}]`]);
  });
});
