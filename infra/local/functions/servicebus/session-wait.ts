import type { ServiceBusClient } from '@azure/service-bus';

/** Real seconds one wait for a session may last; asking anew costs two milliseconds on loopback. */
const longestWait = 3;

/**
 * Shortens how long `acceptNextSession` waits. The SDK can neither take a wait back nor be told its length: its AMQP
 * connection waits 60 s, and the timer would keep a stopped process alive as long. So the option is set where the SDK
 * keeps it (a new place after each reconnection); a version that keeps it elsewhere only waits longer.
 */
export function shortenWaits(client: ServiceBusClient): void {
  const options = ['_connectionContext', 'connection', 'options'].reduce<unknown>(property, client);
  if (typeof options === 'object' && options !== null)
    Reflect.set(options, 'operationTimeoutInSeconds', longestWait);
}

/**
 * Closes the sessions that a client was granted while it closed. The SDK hands such a session to nobody but keeps it, and its timer
 * for the next token would keep the process alive for many minutes.
 */
export async function closeForgotten(client: ServiceBusClient): Promise<void> {
  const sessions = ['_connectionContext', 'messageSessions'].reduce<unknown>(property, client);
  if (typeof sessions !== 'object' || sessions === null) return;
  for (const session of Object.values(sessions)) {
    if (isClosable(session)) await session.close();
  }
}

function isClosable(value: unknown): value is { close(): Promise<void> } {
  return typeof property(value, 'close') === 'function';
}

function property(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}
