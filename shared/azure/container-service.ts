import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import { keepErrorBodies } from './error-body.ts';

export interface ContainerServiceOptions {
  credential: TokenCredential;
  subscriptionId: string;
  /** Base URL of Azure Resource Manager; https, also on loopback. */
  armEndpoint: string;
}

/** One ARM call may take this long, milliseconds of real time: sockets know no virtual time. */
export const armTimeout = 30_000;

/**
 * A client that never retries or waits by itself: in a function a 429 would hold the instance (and the bill) for as long as
 * Retry-After says; the orchestration's durable timers do it instead. Loads the SDK on first use.
 */
export async function createContainerServiceClient(
  options: ContainerServiceOptions,
): Promise<ContainerServiceClient> {
  const sdk = await import('@azure/arm-containerservice');
  const client = new sdk.ContainerServiceClient(options.credential, options.subscriptionId, {
    endpoint: options.armEndpoint,
    retryOptions: { maxRetries: 0 },
  });
  keepErrorBodies(client);
  return client;
}

/** Options for one call: it is given up after {@link armTimeout}. */
export function withTimeout(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(armTimeout) };
}
