/** Loads the Service Bus SDK; import this module lazily. (The SDK is CommonJS: a bundle keeps its names only behind a static import.) */
import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusSettings } from '../config/service-bus-settings.ts';

/**
 * Whoever sends waits: a tick, a request, a message under its lock. The SDK's own 60 s, tried four times, would hold each up for
 * minutes when an answer is lost; all of them have a next try of their own.
 */
const retryOptions = { timeoutInMs: 10_000, maxRetries: 1 };

/** By connection string on a developer's machine, by identity in Azure. */
export async function connectServiceBus(
  settings: ServiceBusSettings,
  credential: () => Promise<TokenCredential>,
): Promise<ServiceBusClient> {
  return settings.kind === 'connectionString'
    ? new ServiceBusClient(settings.connectionString, { retryOptions })
    : new ServiceBusClient(settings.fullyQualifiedNamespace, await credential(), { retryOptions });
}
