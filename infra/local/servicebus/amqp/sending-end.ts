import type { Delivery, Receiver } from 'rhea';
import { QueueFault } from '../engine/faults.ts';
import type { Journal } from '../engine/journal.ts';
import type { MessageQueue } from '../engine/queue.ts';
import { toWireError, type WireError } from './conditions.ts';
import { readTransfer } from './intake.ts';
import type { LinkEnd } from './link-end.ts';
import { linkInternals, outcome } from './rhea-boundary.ts';

/** Azure's limit for a message or batch in the Standard tier, in bytes. */
export const maxMessageSize = 262_144;

/** Messages of a client's sender go into a queue; each is answered once it is durable. */
export class SendingEnd implements LinkEnd {
  readonly #queue: MessageQueue;
  readonly #journal: Journal;

  constructor(link: Receiver, queue: MessageQueue, journal: Journal) {
    this.#queue = queue;
    this.#journal = journal;
    // Without this the SDK refuses to make batches.
    linkInternals(link).local.attach.max_message_size = maxMessageSize;
    link.attach();
  }

  received(message: Buffer, delivery: Delivery): void {
    const error = this.#take(message, delivery.format);
    this.#journal.afterCommit(() => delivery.update(true, outcome(error)));
  }

  closed(): void {
    // Nothing outlives a sender: what it sent is in the queue.
  }

  #take(message: Buffer, format: number): WireError | undefined {
    try {
      requireSize(message);
      this.#queue.send(readTransfer(message, format));
      return undefined;
    } catch (error) {
      return toWireError(error);
    }
  }
}

/** @throws QueueFault messageTooLarge. */
export function requireSize(message: Buffer): void {
  if (message.length > maxMessageSize) {
    throw new QueueFault(
      'messageTooLarge',
      `The received message of ${message.length} bytes exceeds the limit of ${maxMessageSize} bytes.`,
    );
  }
}
