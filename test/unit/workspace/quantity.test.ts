import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalQuantity } from '../../../shared/workspace/quantity.ts';

describe('a quantity', () => {
  const equal: readonly (readonly (string | number)[])[] = [
    [1, '1', '1000m', '1e0', '1.0', '+1', '0.001k', '1000000000n', '.001e3'],
    ['1Gi', '1024Mi', '1073741824', '1048576Ki'],
    ['500m', '0.5', 0.5, '5e-1', '500000u'],
    ['1G', '1000M', '1e9', '1E9'],
    ['1E', '1000P', '1e18'],
    ['0', '-0', '0m'],
    ['-1', '-1000m'],
    ['1Ei', '1024Pi'],
    ['0.1n', '1n'],
  ];
  for (const forms of equal) {
    it(`is the same in each form: ${forms.join(', ')}`, () => {
      assert.notEqual(canonicalQuantity(forms[0] ?? ''), undefined);
      assert.deepEqual(new Set(forms.map(canonicalQuantity)).size, 1, forms.map(canonicalQuantity).join());
    });
  }

  it('is another where the amount is another', () => {
    const amounts = ['0', '1', '-1', '1k', '1Ki', '1m', '1n', '1u', '1Mi', '1M', '1E', '1Ei'];
    assert.equal(new Set(amounts.map(canonicalQuantity)).size, amounts.length);
  });

  it('is none where Kubernetes sees none', () => {
    for (const text of ['', '.', 'Gi', '1 Gi', '1gi', '1KI', '1e', 'one', '1Gi2', '--1', 'NaN', '1e999'])
      assert.equal(canonicalQuantity(text), undefined, text);
  });
});
