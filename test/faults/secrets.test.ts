import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSecrets } from './support/secrets.ts';

describe('the search for secrets that the fault tests end with', () => {
  const leaks = [
    'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=Root;SharedAccessKey=development;',
    '{"headers":{"authorization":"Bearer development"}}',
    'Authorization: Basic dXNlcjpwYXNz',
    '{"user":{"token":"development"}}',
  ];
  for (const leak of leaks) {
    it(`finds the one in ${leak.slice(0, 24)}...`, () =>
      assert.equal(findSecrets('log', [leak]).length > 0, true));
  }

  it('is not alarmed by what was redacted, or by words alone', () => {
    const harmless = [
      'SharedAccessKey=[redacted];',
      'authorization: [redacted]',
      'SLIPWAY_CREDENTIAL is development',
      'az aks show --query powerState',
    ];
    assert.deepEqual(findSecrets('log', harmless), []);
  });
});
