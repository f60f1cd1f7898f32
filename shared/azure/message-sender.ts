/**
 * Sends what bindings cannot: messages with an id, a session and a schedule; and reads the rejected queue without taking from it.
 * The SDK is loaded on first use and one connection is kept for the process.
 */
import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusSender,
} from '@azure/service-bus';
import type { ServiceBusSettings } from '../config/service-bus-settings.ts';
import { Retryable } from '../errors/slipway-error.ts';

/** A message as Slipway sends it; `queue` says where to. */
export interface QueueMessage {
  queue: string;
  body: string;
  messageId: string;
  sessionId?: string;
  contentType: string;
  applicationProperties: Record<string, string | number>;
}

/** A message seen by peeking. */
export interface PeekedMessage {
  sequenceNumber: string;
  /** ISO 8601. */
  enqueuedTime: string;
  messageId: string;
  body: unknown;
  applicationProperties: Record<string, unknown>;
}

/** Throws `Retryable('ServiceBusUnavailable')` for whatever the broker or the network refuses. */
export interface MessageSender {
  send(messages: readonly QueueMessage[]): Promise<void>;
  /** Delivers not before `at`. */
  schedule(message: QueueMessage, at: Date): Promise<void>;
  /** Up to `count` messages of a queue without sessions, oldest first; none is taken. */
  peek(queue: string, count: number): Promise<PeekedMessage[]>;
}

/** Events are below 1 KB each; a Standard namespace takes 256 KB at once. */
const batchSize = 100;

/**
 * Where a queue begins, taken from the first message ever peeked: the SDK remembers how far a connection has peeked, over all its
 * receivers, and exports no way to make such a number.
 */
type SequenceNumber = NonNullable<ServiceBusReceivedMessage['sequenceNumber']>;

/** How the client is made: from a connection string (development) or from a namespace and a credential. */
export type ServiceBusConnector = (settings: ServiceBusSettings) => Promise<ServiceBusClient>;

export function createMessageSender(
  settings: ServiceBusSettings,
  connect: ServiceBusConnector,
): MessageSender {
  let client: Promise<ServiceBusClient> | undefined;
  const senders = new Map<string, ServiceBusSender>();
  const firstOf = new Map<string, SequenceNumber>();

  const connected = async (): Promise<ServiceBusClient> => {
    client ??= connect(settings);
    try {
      return await client;
    } catch (error) {
      client = undefined;
      throw error;
    }
  };
  /** A connection that failed is not used again: the SDK may take a minute to see that its other end is gone. */
  const reaching = async <T>(queue: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      const broken = client;
      client = undefined;
      senders.clear();
      void broken?.then((old) => old.close()).catch(() => undefined);
      throw unavailable(queue, error);
    }
  };
  const senderOf = async (queue: string): Promise<ServiceBusSender> => {
    const sender = senders.get(queue) ?? (await connected()).createSender(queue);
    senders.set(queue, sender);
    return sender;
  };

  return {
    async send(messages) {
      for (const [queue, group] of byQueue(messages)) {
        for (let start = 0; start < group.length; start += batchSize) {
          const batch = group.slice(start, start + batchSize).map(toServiceBus);
          await reaching(queue, async () => (await senderOf(queue)).sendMessages(batch));
        }
      }
    },
    async schedule(message, at) {
      await reaching(message.queue, async () =>
        (await senderOf(message.queue)).scheduleMessages(toServiceBus(message), at),
      );
    },
    async peek(queue, count) {
      return reaching(queue, async () => {
        const receiver = (await connected()).createReceiver(queue, { receiveMode: 'peekLock' });
        try {
          const first = firstOf.get(queue);
          const messages = await receiver.peekMessages(
            count,
            first === undefined ? {} : { fromSequenceNumber: first },
          );
          const seen = messages[0]?.sequenceNumber;
          if (first === undefined && seen !== undefined) firstOf.set(queue, seen.mul(0));
          return messages.map(toPeeked);
        } finally {
          await receiver.close();
        }
      });
    },
  };
}

function byQueue(messages: readonly QueueMessage[]): Map<string, QueueMessage[]> {
  const groups = new Map<string, QueueMessage[]>();
  for (const message of messages) groups.set(message.queue, [...(groups.get(message.queue) ?? []), message]);
  return groups;
}

function toServiceBus({ queue: _queue, body, ...message }: QueueMessage): ServiceBusMessage {
  return { ...message, body: Buffer.from(body, 'utf8') };
}

function toPeeked(message: ServiceBusReceivedMessage): PeekedMessage {
  return {
    sequenceNumber: message.sequenceNumber?.toString() ?? '',
    enqueuedTime: message.enqueuedTimeUtc?.toISOString() ?? '',
    messageId: String(message.messageId ?? ''),
    body: message.body,
    applicationProperties: { ...message.applicationProperties },
  };
}

function unavailable(queue: string, cause: unknown): Retryable {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Retryable('ServiceBusUnavailable', {
    message: `queue ${queue} could not be reached: ${message}`,
    remedy: 'Check the Service Bus namespace, its network rules and the identity’s data roles.',
    cause,
  });
}
