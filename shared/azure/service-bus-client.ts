/** Loads the Service Bus SDK; import this module lazily. (The SDK is CommonJS: a bundle keeps its names only behind a static import.) */
import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusSettings } from '../config/service-bus-settings.ts';

/** By connection string on a developer's machine, by identity in Azure. */
export async function connectServiceBus(
  settings: ServiceBusSettings,
  credential: () => Promise<TokenCredential>,
): Promise<ServiceBusClient> {
  return settings.kind === 'connectionString'
    ? new ServiceBusClient(settings.connectionString)
    : new ServiceBusClient(settings.fullyQualifiedNamespace, await credential());
}
