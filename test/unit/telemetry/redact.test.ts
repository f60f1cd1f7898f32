import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSecretName, redactText } from '../../../shared/telemetry/redact.ts';

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';
const leaks: [string, string, string][] = [
  ['a bearer token', `Authorization: Bearer abc.def-ghi`, 'abc.def-ghi'],
  ['a JSON Web Token anywhere', `token was ${jwt} today`, jwt],
  [
    'a connection string',
    'Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey=c2VjcmV0PQ==;EntityPath=q',
    'c2VjcmV0PQ==',
  ],
  ['a storage key', 'AccountName=a;AccountKey=Zm9v+bar/==;EndpointSuffix=x', 'Zm9v+bar/=='],
  ['a SAS signature', 'https://x/q?sv=2020&sig=abc%3D&se=1', 'abc%3D'],
  [
    "ARM's signed operation URL",
    'https://management.azure.com/operations/1?api-version=x&t=1&c=CERTIFICATE&s=SIGNATURE&h=HASHED',
    'SIGNATURE',
  ],
  ['a SAS token of Service Bus', 'SharedAccessSignature sr=x&sig=abcdef&se=1&skn=root', 'abcdef'],
  ['a function key in a URL', 'GET https://app/api/workspaces?code=functionkey123', 'functionkey123'],
  ['a Hugging Face token', 'HF_TOKEN is hf_abcdefghijklmnopqrstuvwx', 'abcdefghijklmnopqrstuvwx'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----', 'MIIabc'],
  ['a token in pasted JSON', '{"access_token":"opaque-value-1"}', 'opaque-value-1'],
  ['a client key of a kubeconfig', 'client-key-data: LS0tLS1CRUdJTg==', 'LS0tLS1CRUdJTg=='],
];

describe('redaction', () => {
  for (const [what, text, secret] of leaks) {
    it(`removes ${what}`, () => {
      const clean = redactText(text);
      assert.ok(!clean.includes(secret), clean);
      assert.match(clean, /\[redacted\]/);
    });
  }

  it('leaves what a reader needs', () => {
    const text =
      'Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=root: Insufficient vcpu quota requested 24, remaining 0 for family x; the token expired';
    assert.equal(redactText(text), text);
  });

  it('finds a connection-string key wherever it stands', () => {
    const key = fc.stringMatching(/^[A-Za-z0-9+/]{10,40}={0,2}$/);
    const around = fc.stringMatching(/^[a-z ]{0,20}$/);
    fc.assert(
      fc.property(key, around, around, (secret, before, after) => {
        assert.ok(!redactText(`${before};SharedAccessKey=${secret};${after}`).includes(secret));
      }),
    );
  });

  it('is the same when done twice', () => {
    for (const [, text] of leaks) assert.equal(redactText(redactText(text)), redactText(text));
  });

  it('knows secret fields by name, however spelt', () => {
    for (const name of [
      'Authorization',
      'access_token',
      'client-secret',
      'SharedAccessKey',
      'connectionString',
      'sas',
      'HF_TOKEN',
    ]) {
      assert.ok(isSecretName(name), name);
    }
    for (const name of ['name', 'continueToken', 'key', 'workspace', 'secretName', 'passwordless']) {
      assert.ok(!isSecretName(name), name);
    }
  });
});
