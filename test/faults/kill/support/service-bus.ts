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
  let result: T;
  try {
    result = await work(client);
  } catch (error) {
    // The SDK waits a minute for a dead broker to take its leave; nobody needs to wait with it.
    client.close().catch(() => undefined);
    throw error;
  }
  await client.close();
  return result;
}
