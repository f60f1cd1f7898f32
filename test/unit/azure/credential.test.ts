import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCredential, developmentToken } from '../../../shared/azure/credential.ts';
import { Terminal } from '../../../shared/errors/slipway-error.ts';

const clientId = '11111111-2222-3333-4444-555555555555';
const armEndpoint = 'https://management.azure.com';

describe('the credential', () => {
  it('is a fixed token in development, on this machine', async () => {
    const credential = await createCredential({ kind: 'development', armEndpoint: 'https://127.0.0.1:8443' });
    assert.equal((await credential.getToken('any'))?.token, developmentToken);
  });

  for (const endpoint of [
    armEndpoint,
    'https://localhost.evil.example',
    'https://127.0.0.1.evil.example',
    'nonsense',
  ]) {
    it(`refuses development against ${endpoint}`, async () => {
      await assert.rejects(
        () => createCredential({ kind: 'development', armEndpoint: endpoint }),
        (error) => error instanceof Terminal && error.code === 'CredentialRefused',
      );
    });
  }

  it('is the managed identity in Azure, user-assigned when one is named', async () => {
    for (const named of [{}, { managedIdentityClientId: clientId }]) {
      const credential = await createCredential({ kind: 'managed-identity', armEndpoint, ...named });
      assert.equal(credential.constructor.name, 'ManagedIdentityCredential');
    }
  });

  it('is the developer’s own sign-in elsewhere', async () => {
    const credential = await createCredential({
      kind: 'default',
      armEndpoint,
      managedIdentityClientId: clientId,
    });
    assert.equal(credential.constructor.name, 'DefaultAzureCredential');
  });
});
