import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import type { Fault } from '../../../shared/workspace/fault.ts';
import { intentHash } from '../../../shared/workspace/intent.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import { readWorkspace, validateCreate, validateUpdate } from '../../../shared/workspace/validate.ts';
import { bodies, documents } from './broken-documents.ts';
import { seed } from './seed.ts';

/** 20,000 cases in `npm test`; `FUZZ_CASES=1000000` in the soak. */
const cases = Number(process.env['FUZZ_CASES'] ?? 20_000);

function assertTellsWhy(faults: readonly Fault[]): void {
  assert.ok(faults.length > 0);
  for (const { field, reason, message, remedy } of faults) {
    assert.match(reason, /^FieldValue[A-Z]/);
    assert.ok(message !== '' && message.length < 2000 && field.length < 500, `${field}: ${message}`);
    assert.ok(remedy !== '');
  }
}

/** Sends a text the way a request goes: nothing may throw, and every refusal must say why. */
function passThrough(text: string): 'malformed' | 'refused' | 'unplannable' | 'rendered' {
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

describe('whatever is sent', () => {
  const counts = { malformed: 0, refused: 0, unplannable: 0, rendered: 0 };

  it(`is read, planned and rendered, or refused with reasons (${cases} cases)`, () => {
    fc.assert(
      fc.property(bodies, (text) => {
        counts[passThrough(text)] += 1;
      }),
      { seed: seed('fuzz'), numRuns: cases },
    );
    console.log(JSON.stringify(counts));
    assert.ok(
      counts.malformed > 0 && counts.refused > 0 && counts.rendered > 0,
      'the generator reaches every outcome',
    );
  });

  it('is read alike as JSON text and as an object, and hashes alike', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const parsed = parseDocument(JSON.stringify(document), 'application/json');
        assert.ok(parsed.ok);
        const [one, other] = [
          validateCreate(parsed.value),
          validateCreate(JSON.parse(JSON.stringify(document))),
        ];
        assert.deepEqual(one, other);
        if (one.ok && other.ok) assert.equal(intentHash(one.value), intentHash(other.value));
      }),
      { seed: seed('documents'), numRuns: 1000 },
    );
  });
});
