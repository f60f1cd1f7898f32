import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryAfterSeconds } from '../../../shared/azure/retry-after.ts';

const read = (headers: Record<string, string>): number | undefined => {
  const map = new Map(Object.entries(headers));
  return retryAfterSeconds((name) => map.get(name));
};

describe('the wait an answer asks for', () => {
  it('is read as seconds', () => assert.equal(read({ 'retry-after': '17' }), 17));
  it('is read as milliseconds, rounded up', () => assert.equal(read({ 'retry-after-ms': '1200' }), 2));
  it('is read from Microsoft’s own header', () => assert.equal(read({ 'x-ms-retry-after-ms': '3000' }), 3));
  it('prefers the finer one', () => assert.equal(read({ 'retry-after': '60', 'retry-after-ms': '500' }), 1));
  it('is read as a date, on the server’s own clock', () => {
    const headers = { 'retry-after': 'Sat, 21 Nov 2026 08:00:30 GMT', date: 'Sat, 21 Nov 2026 08:00:00 GMT' };
    assert.equal(read(headers), 30);
  });
  it('is never negative', () => {
    const headers = { 'retry-after': 'Sat, 21 Nov 2026 07:00:00 GMT', date: 'Sat, 21 Nov 2026 08:00:00 GMT' };
    assert.equal(read(headers), 0);
  });
  it('is unknown when nothing sensible is there', () => {
    assert.equal(read({}), undefined);
    assert.equal(read({ 'retry-after': 'soon' }), undefined);
    assert.equal(read({ 'retry-after': '-5' }), undefined);
  });
});
