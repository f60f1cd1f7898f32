import { ServiceBusClient } from '@azure/service-bus';
import type { Slipway } from './slipway.ts';

/** A connection of its own for one piece of work: one that outlived its broker may take minutes to find out. */
export async function withServiceBus<T>(
  { platform }: Pick<Slipway, 'platform'>,
  work: (client: ServiceBusClient) => Promise<T>,
): Promise<T> {
  const client = new ServiceBusClient(platform.endpoints.serviceBusConnectionString, {
    retryOptions: { timeoutInMs: 5_000, maxRetries: 0 },
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
