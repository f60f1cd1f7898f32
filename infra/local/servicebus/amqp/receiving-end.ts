import { randomBytes } from 'node:crypto';
import type { Delivery as Transfer, Sender } from 'rhea';
import type { Consumer, Delivery } from '../engine/dispatcher.ts';
import type { Journal } from '../engine/journal.ts';
import type { MessageQueue } from '../engine/queue.ts';
import type { SessionHold } from '../engine/sessions.ts';
import type { Settlement } from '../engine/settlement.ts';
import { toWireError, type WireError } from './conditions.ts';
import type { LinkEnd } from './link-end.ts';
import { deliveryTagToToken, tokenToDeliveryTag } from './lock-token.ts';
import { encodeForClient } from './outgoing.ts';
import { confirmSettlement, freeDeliveries, senderInternals, writeFlow } from './rhea-boundary.ts';

/** A client's receiver: takes messages from a queue as far as its credit goes, and settles them. */
export class ReceivingEnd implements LinkEnd, Consumer {
  readonly mode: Consumer['mode'];
  readonly hold: SessionHold | null;
  readonly #link: Sender;
  readonly #queue: MessageQueue;
  readonly #journal: Journal;
  /** Transfers given to rhea, which it writes as the peer's windows allow. */
  #handedOver = 0;
  /** Credit taken back by drains; rhea counts it as deliveries, as the protocol does. */
  #drained = 0;
  /** Removed messages waiting for their removal to be durable. */
  #awaitingCommit = 0;
  #drainDone = false;

  constructor(link: Sender, target: { queue: MessageQueue; journal: Journal; hold: SessionHold | null }) {
    this.#link = link;
    this.#queue = target.queue;
    this.#journal = target.journal;
    this.hold = target.hold;
    const internals = senderInternals(link);
    // Settle modes as the client wants them: sender "settled" (1) is receive-and-delete.
    this.mode = link.snd_settle_mode === 1 ? 'receiveAndDelete' : 'peekLock';
    internals.local.attach.snd_settle_mode = link.snd_settle_mode;
    internals.local.attach.rcv_settle_mode = link.rcv_settle_mode;
    internals._get_drain = () => this.#endCredit();
    link.attach();
    this.#queue.addConsumer(this);
  }

  credit(): number {
    const { credit } = senderInternals(this.#link);
    const unwritten = this.#handedOver - this.#written();
    return Math.min(credit - unwritten, freeDeliveries(this.#link.session)) - this.#awaitingCommit;
  }

  deliver({ message, lock }: Delivery): void {
    if (lock !== null) {
      this.#transfer(encodeForClient(message, { lockedUntil: lock.until }), tokenToDeliveryTag(lock.token));
      return;
    }
    this.#awaitingCommit += 1;
    this.#journal.afterCommit(() => {
      this.#awaitingCommit -= 1;
      this.#transfer(encodeForClient(message, { lockedUntil: null }), randomBytes(16));
    });
  }

  flowed(): void {
    this.#queue.requestPump();
    if (senderInternals(this.#link)._draining === true) this.#journal.afterCommit(() => this.#answerDrain());
  }

  settled(transfer: Transfer, settlement: Settlement): void {
    const error = this.#settle(transfer, settlement);
    this.#journal.afterCommit(() => confirmSettlement(transfer, error));
  }

  /** The client's session ran out: the link ends, as Azure ends it. */
  loseSession(): void {
    this.closed();
    this.#link.close({
      condition: 'com.microsoft:session-lock-lost',
      description: `The session lock for '${this.hold?.sessionId ?? ''}' has expired. Accept the session again.`,
    });
  }

  closed(): void {
    this.#queue.removeConsumer(this);
  }

  #settle(transfer: Transfer, settlement: Settlement): WireError | undefined {
    try {
      this.#queue.settle(deliveryTagToToken(Buffer.from(transfer.tag)), settlement);
      return undefined;
    } catch (error) {
      return toWireError(error);
    }
  }

  #transfer(message: Buffer, tag: Buffer): void {
    if (this.#link.is_closed()) return;
    this.#handedOver += 1;
    this.#link.send(message, tag, 0);
  }

  #written(): number {
    return senderInternals(this.#link).delivery_count - this.#drained;
  }

  /** After the messages there were: the SDK waits for this even when its credit is used up already. */
  #answerDrain(): void {
    if (this.#awaitingCommit > 0) {
      this.#journal.afterCommit(() => this.#answerDrain());
      return;
    }
    if (senderInternals(this.#link)._draining !== true || this.#link.is_closed()) return;
    this.#drainDone = true;
    writeFlow(this.#link);
  }

  /** Called by rhea as it writes a flow: whether this one says "drained". */
  #endCredit(): boolean {
    if (!this.#drainDone) return false;
    this.#drainDone = false;
    const internals = senderInternals(this.#link);
    const unused = Math.max(internals.credit - (this.#handedOver - this.#written()), 0);
    this.#drained += unused;
    internals.delivery_count += unused;
    internals.credit -= unused;
    return true;
  }
}
