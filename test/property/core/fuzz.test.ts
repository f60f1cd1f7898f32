import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { intentHash } from '../../../shared/workspace/intent.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import { bodies, documents } from './broken-documents.ts';
import { noCounts, passThrough } from './pass-through.ts';
import { seed } from './seed.ts';

/** 20,000 cases in `npm test`; a million in `npm run soak` (`test/soak/core-fuzz.ts`). */
const cases = Number(process.env['FUZZ_CASES'] ?? 20_000);

describe('whatever is sent', () => {
  const counts = noCounts();

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
