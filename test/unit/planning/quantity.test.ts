import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { models } from '../../../presets/catalogue.ts';
import { inGibibytes, parseGibibytes } from '../../../shared/planning/quantity.ts';

describe('a size in Gi', () => {
  it('is rounded up to a whole byte, as Kubernetes does, for every model', () => {
    for (const { id, weights } of models) {
      const hundredths = BigInt(weights.replace(/\.|Gi/g, ''));
      const exact = (hundredths * 2n ** 30n + 99n) / 100n;
      assert.equal(parseGibibytes(weights), Number(exact), `${id}: ${weights}`);
    }
  });

  it('is a whole or decimal number and nothing else', () => {
    assert.equal(parseGibibytes('80Gi'), 80 * 2 ** 30);
    for (const text of ['', 'Gi', '80', '80G', '-1Gi', '1e3Gi', '1.Gi', ' 1Gi', '1GiB'])
      assert.equal(parseGibibytes(text), undefined, text);
  });

  it('is told to people with two decimals', () => {
    assert.equal(inGibibytes(67.2 * 2 ** 30), 67.2);
    assert.equal(inGibibytes(2 ** 30 / 3), 0.33);
  });
});
