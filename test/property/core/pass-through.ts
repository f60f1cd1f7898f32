import assert from 'node:assert/strict';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import type { Fault } from '../../../shared/workspace/fault.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import { readWorkspace, validateCreate, validateUpdate } from '../../../shared/workspace/validate.ts';

export type Outcome = 'malformed' | 'refused' | 'unplannable' | 'rendered';

function assertTellsWhy(faults: readonly Fault[]): void {
  assert.ok(faults.length > 0);
  for (const { field, reason, message, remedy } of faults) {
    assert.match(reason, /^FieldValue[A-Z]/);
    assert.ok(message !== '' && message.length < 2000 && field.length < 500, `${field}: ${message}`);
    assert.ok(remedy !== undefined && remedy !== '', `${field}: ${message}: no remedy`);
  }
}

/** Sends a text the way a request goes: nothing may throw, and every refusal must say why. */
export function passThrough(text: string): Outcome {
  const parsed = parseDocument(text);
  if (!parsed.ok) {
    assertTellsWhy(parsed.faults);
    return 'malformed';
  }
  readWorkspace(parsed.value);
  const valid = validateCreate(parsed.value);
  if (!valid.ok) {
    assertTellsWhy(valid.faults);
    return 'refused';
  }
  assert.ok(validateUpdate(valid.value, parsed.value).ok, 'an unchanged Workspace may be sent again');
  const planned = planWorkspace(valid.value);
  if (!planned.ok) {
    assertTellsWhy(planned.faults);
    return 'unplannable';
  }
  const objects = renderWorkload(valid.value, planned.plan, { ownerUid: 'u', localNvmeStorageClass: true });
  assert.ok(objects.length >= 2 && JSON.stringify(objects).length < 64 * 1024);
  return 'rendered';
}

/** How many texts ended how. */
export type Counts = Record<Outcome, number>;

export function noCounts(): Counts {
  return { malformed: 0, refused: 0, unplannable: 0, rendered: 0 };
}
