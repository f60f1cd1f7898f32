import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readWorkspace, validateCreate, validateUpdate } from '../../../shared/workspace/validate.ts';
import { document, workspace } from '../planning/workspaces.ts';

describe('annotations under slipway.dev/', () => {
  it('that nobody knows are refused at the doors, with the nearest that is known', () => {
    const misspelt = document({ annotations: { 'slipway.dev/rety': '1' } });
    for (const answer of [validateCreate(misspelt), validateUpdate(workspace(), misspelt)]) {
      assert.deepEqual(answer.ok ? [] : answer.faults, [
        {
          field: 'metadata.annotations[slipway.dev/rety]',
          reason: 'FieldValueNotSupported',
          message: '"slipway.dev/rety" is not an annotation of Slipway',
          remedy: 'did you mean slipway.dev/retry?',
        },
      ]);
    }
  });

  it('say what is known when none is near', () => {
    const answer = validateCreate(document({ annotations: { 'slipway.dev/colour': 'red' } }));
    assert.match(answer.ok ? '' : (answer.faults[0]?.remedy ?? ''), /remove it; known: slipway\.dev\/retry/);
  });

  it('that are known, or that we wrote ourselves and a user sent back, are accepted', () => {
    const annotations = { 'slipway.dev/retry': '1', 'slipway.dev/accepted-at': '2026-01-01T00:00:00Z' };
    assert.ok(validateCreate(document({ annotations })).ok);
  });

  it('are passed over in a stored record: a version that knows them may come back', () => {
    assert.ok(readWorkspace(document({ annotations: { 'slipway.dev/of-tomorrow': 'x' } })).ok);
  });
});
