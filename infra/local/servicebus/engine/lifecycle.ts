import type { Agenda } from './agenda.ts';
import type { LockTable } from './locks.ts';
import { expiryOf, type Properties, type StoredMessage } from './message.ts';
import { deadLetterReasons, type QueueRules } from './rules.ts';
import type { SequenceNumbers } from './sequence.ts';
import { deadLetterProperties } from './settlement.ts';
import type { Shelf } from './shelf.ts';

/** Where messages go that died. */
export interface Graveyard {
  adopt(message: StoredMessage): void;
}

/** The parts of a queue a message's life runs through. */
export interface QueueParts {
  rules: QueueRules;
  shelf: Shelf;
  locks: LockTable;
  agenda: Agenda;
  sequence: SequenceNumbers;
  now: () => number;
  /** Null in a dead-letter queue: there messages neither expire nor die of failed deliveries. */
  deadLetters: Graveyard | null;
  /** Asks for a delivery round: something became ready. */
  requestPump: () => void;
}

/** What becomes of messages by themselves: they turn active, expire, fail too often, die. */
export class MessageLifecycle {
  readonly #queue: QueueParts;

  constructor(queue: QueueParts) {
    this.#queue = queue;
  }

  /** Notes when a message becomes active or dies. */
  plan(message: StoredMessage): void {
    const { agenda, shelf, deadLetters, now } = this.#queue;
    const isThere = () => shelf.has(message);
    if (message.state === 'scheduled') {
      agenda.at(message.scheduledFor ?? now(), isThere, () => this.#activate(message));
      return;
    }
    const expiry = expiryOf(message);
    if (expiry === undefined || deadLetters === null) return;
    // A locked message may outlive its time; whoever lets go of it looks again.
    agenda.at(expiry, isThere, () => this.#expireIfDue(message));
  }

  /** Counts a delivery that failed (abandoned, or the lock ran out) of an unlocked message. */
  countFailure(message: StoredMessage): void {
    message.deliveryCount += 1;
    const limit = this.#queue.rules.maxDeliveryCount;
    if (this.#queue.deadLetters !== null && message.deliveryCount >= limit) {
      const { reason, description } = deadLetterReasons.maxDeliveryCountExceeded;
      this.bury(message, deadLetterProperties(reason, description(limit)));
    } else {
      this.putBack(message);
    }
  }

  /** Returns an unlocked message to its place, or ends it when its time ran out meanwhile. */
  putBack(message: StoredMessage): void {
    if (this.#expireIfDue(message)) return;
    this.#queue.shelf.update(message);
    this.#queue.shelf.enterLine(message);
  }

  /** Moves a message to the dead-letter queue, where it keeps its number and its delivery count. */
  bury(message: StoredMessage, properties: Properties): void {
    this.#queue.shelf.remove(message);
    this.#queue.deadLetters?.adopt({
      ...message,
      state: 'active',
      deadLetterSource: this.#queue.rules.name,
      properties: { ...message.properties, ...properties },
    });
  }

  /** A scheduled message gets a new number when its time comes: it stands behind what was active before it. */
  #activate(message: StoredMessage): void {
    const { shelf, sequence, now, requestPump } = this.#queue;
    shelf.remove(message);
    const active: StoredMessage = {
      ...message,
      sequenceNumber: sequence.next(),
      state: 'active',
      enqueuedAt: now(),
    };
    shelf.add(active);
    this.plan(active);
    requestPump();
  }

  #expireIfDue(message: StoredMessage): boolean {
    const { rules, shelf, locks, deadLetters, now } = this.#queue;
    const expiry = expiryOf(message);
    if (deadLetters === null || expiry === undefined || expiry > now()) return false;
    if (locks.isLocked(message.sequenceNumber)) return false;
    if (rules.deadLetteringOnMessageExpiration) {
      const { reason, description } = deadLetterReasons.expired;
      this.bury(message, deadLetterProperties(reason, description));
    } else {
      shelf.remove(message);
    }
    return true;
  }
}
