import type { StoredMessage } from './message.ts';
import type { SessionHold } from './sessions.ts';

/** A message on its way to a receiver; without a lock when it was removed on delivery. */
export interface Delivery {
  message: StoredMessage;
  lock: { token: string; until: number } | null;
}

/** A receiver of one queue, as the queue sees it. */
export interface Consumer {
  readonly mode: 'peekLock' | 'receiveAndDelete';
  /** The session it reads, on a queue with sessions. */
  readonly hold: SessionHold | null;
  /** How many more messages it can take now. */
  credit(): number;
  /** Takes one message. A removed message (no lock) must not reach the wire before the removal is durable. */
  deliver(delivery: Delivery): void;
}

/** Hands out messages to consumers in turn, one each, so that competing receivers share evenly. */
export class Dispatcher {
  readonly #consumers = new Set<Consumer>();
  /** Takes the next message for this consumer, or answers undefined. */
  readonly #next: (consumer: Consumer) => Delivery | undefined;

  constructor(next: (consumer: Consumer) => Delivery | undefined) {
    this.#next = next;
  }

  add(consumer: Consumer): void {
    this.#consumers.add(consumer);
  }

  remove(consumer: Consumer): void {
    this.#consumers.delete(consumer);
  }

  has(consumer: Consumer): boolean {
    return this.#consumers.has(consumer);
  }

  run(): void {
    let served: boolean;
    do {
      served = false;
      for (const consumer of [...this.#consumers]) {
        if (consumer.credit() <= 0) continue;
        const delivery = this.#next(consumer);
        if (delivery === undefined) continue;
        served = true;
        // Whoever was served goes to the end of the row.
        this.#consumers.delete(consumer);
        this.#consumers.add(consumer);
        consumer.deliver(delivery);
      }
    } while (served);
  }
}
