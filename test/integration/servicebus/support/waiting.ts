import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

/** Generous: only a broken broker takes this long. Milliseconds. */
const ceiling = 20_000;

/** Receives exactly `count` messages, however many calls that takes. @throws Error when they do not come. */
export async function receive(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  const giveUpAt = Date.now() + ceiling;
  while (messages.length < count) {
    if (Date.now() > giveUpAt) throw new Error(`${messages.length} of ${count} messages came`);
    messages.push(...(await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 2000 })));
  }
  return messages;
}

/** Receives one message. */
export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  if (message === undefined) throw new Error('no message came');
  return message;
}

/** What is there right now, without waiting for more than a moment. */
export function receiveAvailable(
  receiver: ServiceBusReceiver,
  count = 10,
): Promise<ServiceBusReceivedMessage[]> {
  return receiver.receiveMessages(count, { maxWaitTimeInMs: 150 });
}

/** Waits until `condition` answers true. @throws Error after the ceiling. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = Date.now() + ceiling;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`waited in vain until ${what}`);
    await delay(20);
  }
}

export function bodies(messages: readonly ServiceBusReceivedMessage[]): unknown[] {
  return messages.map((message): unknown => message.body);
}

/** The SDK's error code of a failed call, for `assert.rejects`. */
export function withCode(code: string): (error: unknown) => boolean {
  return (error) => typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Dead-letter options with a reason; the SDK's type wants the description too. */
export function because(reason: string): { deadLetterReason: string; deadLetterErrorDescription: string } {
  return { deadLetterReason: reason, deadLetterErrorDescription: '' };
}
