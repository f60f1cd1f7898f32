import type { TokenCredential } from '@azure/identity';
import { CredentialKind } from '../config/settings.ts';
import { hostOf, isLoopback } from '../config/loopback.ts';
import { Terminal } from '../errors/slipway-error.ts';

export interface CredentialOptions {
  kind: CredentialKind;
  /** Client id of the user-assigned identity; absent means the system-assigned one. */
  managedIdentityClientId?: string;
  armEndpoint: string;
}

/** The one token of the development credential; the simulator knows it, nothing else does. */
export const developmentToken = 'development';
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Loads `@azure/identity` on first use. Throws `Terminal('CredentialRefused')` for a development credential off this machine. */
export async function createCredential(options: CredentialOptions): Promise<TokenCredential> {
  const { kind, managedIdentityClientId: clientId, armEndpoint } = options;
  if (kind === CredentialKind.Development) return developmentCredential(armEndpoint);
  const identity = await import('@azure/identity');
  if (kind === CredentialKind.ManagedIdentity) {
    return clientId === undefined
      ? new identity.ManagedIdentityCredential()
      : new identity.ManagedIdentityCredential({ clientId });
  }
  return new identity.DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId },
  );
}

/** A fixed token. Refused here as well as in the settings: nothing may reach Azure with it. */
function developmentCredential(armEndpoint: string): TokenCredential {
  const host = hostOf(armEndpoint);
  if (host === undefined || !isLoopback(host)) {
    throw new Terminal('CredentialRefused', {
      message: 'The development credential works only with an ARM endpoint on this machine.',
      remedy: 'Remove SLIPWAY_CREDENTIAL, or point SLIPWAY_ARM_ENDPOINT at the local simulator.',
    });
  }
  return {
    getToken: () =>
      Promise.resolve({ token: developmentToken, expiresOnTimestamp: Date.now() + dayMilliseconds }),
  };
}
