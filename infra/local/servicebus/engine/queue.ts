import { effectiveTimeToLive, requireAdmissible } from './admission.ts';
import { Agenda } from './agenda.ts';
import { type Consumer, type Delivery, Dispatcher } from './dispatcher.ts';
import { DuplicateHistory } from './duplicates.ts';
import { QueueFault } from './faults.ts';
import type { Journal, SavedQueue } from './journal.ts';
import { type Lock, LockTable } from './locks.ts';
import { type Graveyard, MessageLifecycle, type QueueParts } from './lifecycle.ts';
import type { StoredMessage, Submission } from './message.ts';
import type { QueueRules } from './rules.ts';
import { SequenceNumbers } from './sequence.ts';
import { type SessionHold, SessionTable } from './sessions.ts';
import { SessionDesk, type SessionSeeker } from './session-desk.ts';
import type { Settlement } from './settlement.ts';
import { everyone, Shelf } from './shelf.ts';

export interface QueueSetup {
  rules: QueueRules;
  journal: Journal;
  saved: SavedQueue;
  /** Epoch milliseconds. */
  now: () => number;
  /** Told the time of the next thing due whenever that comes nearer; answer by calling `advance` then. */
  wakeAt: (due: number) => void;
  /** Where dead messages go; null makes this a dead-letter queue: no delivery limit, no expiry, no further dead-lettering. */
  deadLetters: MessageQueue | null;
  /** See `BrokerOptions.arriving`. */
  arriving?: Arrival | undefined;
}

/** Decides what becomes of a message that was sent: `deliver` puts one copy into the queue, now or later, as often as it is called. */
export type Arrival = (message: Submission, deliver: (copy: Submission) => void) => void;

export interface QueueCounts {
  /** Ready for delivery. */
  active: number;
  locked: number;
  deferred: number;
  scheduled: number;
}

/**
 * One Service Bus queue (or dead-letter queue): the rules of section 2.6 of Azure's behaviour, without a wire or a disk.
 * Every operation first lets run out what time has ended.
 */
export class MessageQueue implements Graveyard {
  readonly rules: QueueRules;
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #locks = new LockTable();
  readonly #agenda: Agenda;
  readonly #sequence: SequenceNumbers;
  readonly #duplicates: DuplicateHistory | null;
  readonly #shelf: Shelf;
  readonly #sessions: SessionTable;
  readonly #lifecycle: MessageLifecycle;
  readonly #desk: SessionDesk;
  readonly #dispatcher = new Dispatcher((consumer) => this.#next(consumer));
  readonly isDeadLetterQueue: boolean;
  readonly #arriving: Arrival | undefined;
  #pumpRequested = false;

  constructor({ rules, journal, saved, now, wakeAt, deadLetters, arriving }: QueueSetup) {
    this.rules = rules;
    this.#arriving = arriving;
    this.isDeadLetterQueue = deadLetters === null;
    this.#journal = journal;
    this.#now = now;
    this.#agenda = new Agenda(wakeAt);
    this.#sequence = new SequenceNumbers(journal, rules.name, saved.lastReservedSequenceNumber);
    this.#duplicates = duplicateHistory(rules, journal, saved);
    this.#shelf = new Shelf(journal, rules.name, {
      locks: this.#locks,
      lineOf: (message) => (rules.requiresSession ? (message.sessionId ?? '') : everyone),
    });
    this.#sessions = new SessionTable(journal, rules.name, saved.sessions);
    const parts: QueueParts = {
      rules,
      shelf: this.#shelf,
      locks: this.#locks,
      agenda: this.#agenda,
      sequence: this.#sequence,
      now,
      deadLetters,
      requestPump: () => this.requestPump(),
    };
    this.#lifecycle = new MessageLifecycle(parts);
    this.#desk = new SessionDesk(this.#sessions, parts, this.#lifecycle);
    for (const message of saved.messages) {
      this.#shelf.restore(message);
      this.#lifecycle.plan(message);
    }
  }

  /**
   * Takes messages, all or none; durable once the journal commits. Repeats within the duplicate window vanish silently.
   * @returns the sequence number of each.
   * @throws QueueFault notAllowed, malformedRequest.
   */
  send(submissions: readonly Submission[]): number[] {
    this.advance();
    requireAdmissible(this.rules, submissions);
    const numbers = submissions.map((submission) => this.#arrive(submission));
    this.requestPump();
    return numbers;
  }

  /** @throws QueueFault messageNotFound when one is not scheduled (any more); none is cancelled then. */
  cancelScheduled(sequenceNumbers: readonly number[]): void {
    this.advance();
    for (const message of this.#requireInState(sequenceNumbers, 'scheduled')) this.#shelf.remove(message);
  }

  /** Any messages from a sequence number on, of one session or of all; leaves them as they are. */
  peek(from: number, count: number, sessionId: string | null): StoredMessage[] {
    this.advance();
    return this.#shelf.browse(
      from,
      count,
      (message) => sessionId === null || message.sessionId === sessionId,
    );
  }

  /**
   * Takes deferred messages by number, all or none.
   * @throws QueueFault messageNotFound, sessionLockLost (a session queue whose session nobody holds).
   */
  receiveDeferred(sequenceNumbers: readonly number[], mode: Consumer['mode']): Delivery[] {
    this.advance();
    const messages = this.#requireInState(sequenceNumbers, 'deferred');
    const holds = messages.map((message) =>
      this.rules.requiresSession ? this.#sessions.require(message.sessionId ?? '') : null,
    );
    return messages.map((message, index) => this.#hand(message, mode, holds[index] ?? null));
  }

  /** @throws QueueFault messageLockLost or sessionLockLost when the token holds nothing (any more), notAllowed. */
  settle(token: string, settlement: Settlement): void {
    this.advance();
    const lock = this.#requireLock(token);
    const message = this.#requireStored(lock);
    if (settlement.kind === 'deadLetter' && this.isDeadLetterQueue) {
      throw new QueueFault('notAllowed', 'A message in a dead-letter queue cannot be dead-lettered again.');
    }
    this.#locks.drop(lock);
    switch (settlement.kind) {
      case 'complete':
        this.#shelf.remove(message);
        break;
      case 'abandon':
        message.properties = { ...message.properties, ...settlement.properties };
        this.#lifecycle.countFailure(message);
        break;
      case 'defer':
        message.properties = { ...message.properties, ...settlement.properties };
        message.deliveryCount += 1;
        message.state = 'deferred';
        this.#lifecycle.putBack(message);
        break;
      case 'deadLetter':
        this.#lifecycle.bury(message, settlement.properties);
        break;
      case 'release':
        this.#lifecycle.putBack(message);
        break;
    }
    this.requestPump();
  }

  holds(token: string): boolean {
    return this.#locks.find(token) !== undefined;
  }

  /** Extends a message lock by the queue's lock duration; under a session the session's own lock is what counts. */
  renew(token: string): number {
    this.advance();
    const lock = this.#requireLock(token);
    if (lock.hold !== null) return lock.hold.until;
    lock.until = this.#now() + this.rules.lockDuration;
    return lock.until;
  }

  addConsumer(consumer: Consumer): void {
    this.#dispatcher.add(consumer);
    this.requestPump();
  }

  /** Its message locks stay until they run out; its session is free at once. */
  removeConsumer(consumer: Consumer): void {
    this.#dispatcher.remove(consumer);
    if (consumer.hold !== null) this.#desk.release(consumer.hold);
  }

  /** @throws QueueFault sessionCannotBeLocked when another receiver holds it. */
  acceptSession(sessionId: string, onLost: () => void): SessionHold {
    this.advance();
    return this.#desk.accept(sessionId, onLost);
  }

  /** Grants the next session that has a message ready and no holder, now or whenever there is one. */
  seekSession(seeker: SessionSeeker): void {
    this.#desk.seek(seeker);
  }

  stopSeeking(seeker: SessionSeeker): void {
    this.#desk.stopSeeking(seeker);
  }

  /** @throws QueueFault sessionLockLost. */
  renewSession(sessionId: string): number {
    this.advance();
    return this.#desk.renew(sessionId);
  }

  sessionState(sessionId: string): Buffer | null {
    return this.#sessions.state(sessionId);
  }

  /** @throws QueueFault sessionLockLost: only the holder may write the state. */
  setSessionState(sessionId: string, state: Buffer | null): void {
    this.advance();
    this.#sessions.require(sessionId);
    this.#sessions.setState(sessionId, state, this.#now());
  }

  /** Sessions that have messages or state, touched after `since`, by name. */
  listSessions(since: number): string[] {
    this.advance();
    const found = new Set<string>();
    for (const [sessionId, updatedAt] of this.#sessions.statesUpdated()) {
      if (updatedAt > since) found.add(sessionId);
    }
    for (const message of this.#shelf.all()) {
      if (message.sessionId !== null && message.enqueuedAt > since) found.add(message.sessionId);
    }
    return [...found].sort();
  }

  /** Takes over a message that died in the main queue; it keeps its number. */
  adopt(message: StoredMessage): void {
    this.#shelf.add(message);
    this.requestPump();
  }

  /** Lets everything happen that is due by now. */
  advance(): void {
    this.#agenda.runUntil(this.#now());
  }

  nextDue(): number | undefined {
    return this.#agenda.nextDue();
  }

  counts(): QueueCounts {
    this.advance();
    const counts: QueueCounts = { active: 0, locked: 0, deferred: 0, scheduled: 0 };
    for (const message of this.#shelf.all()) {
      counts[this.#locks.isLocked(message.sequenceNumber) ? 'locked' : message.state] += 1;
    }
    return counts;
  }

  /** Delivers what can be delivered, once everything written so far is durable. */
  requestPump(): void {
    if (this.#pumpRequested) return;
    this.#pumpRequested = true;
    this.#journal.afterCommit(() => {
      this.#pumpRequested = false;
      this.advance();
      this.#desk.serveSeekers();
      this.#dispatcher.run();
    });
  }

  /** A number is given in any case: the sender must not notice what becomes of its message. */
  #arrive(submission: Submission): number {
    if (this.#arriving === undefined) return this.#accept(submission);
    let number: number | undefined;
    this.#arriving(submission, (copy) => {
      number = this.#accept(copy);
      this.requestPump();
    });
    return number ?? this.#sequence.next();
  }

  #accept(submission: Submission): number {
    const now = this.#now();
    const sequenceNumber = this.#sequence.next();
    if (this.#duplicates?.admit(submission.messageId, now) === false) return sequenceNumber;
    const isScheduled = submission.scheduledFor !== null && submission.scheduledFor > now;
    const message: StoredMessage = {
      ...submission,
      sequenceNumber,
      enqueuedSequenceNumber: sequenceNumber,
      state: isScheduled ? 'scheduled' : 'active',
      enqueuedAt: now,
      timeToLive: effectiveTimeToLive(this.rules, submission.timeToLive),
      deliveryCount: 0,
      deadLetterSource: null,
      properties: {},
    };
    this.#shelf.add(message);
    this.#lifecycle.plan(message);
    return sequenceNumber;
  }

  #next(consumer: Consumer): Delivery | undefined {
    if (consumer.hold !== null && !this.#sessions.owns(consumer.hold)) return undefined;
    const message = this.#shelf.first(consumer.hold?.sessionId ?? everyone);
    return message === undefined ? undefined : this.#hand(message, consumer.mode, consumer.hold);
  }

  #hand(message: StoredMessage, mode: Consumer['mode'], hold: SessionHold | null): Delivery {
    if (mode === 'receiveAndDelete') {
      this.#shelf.remove(message);
      return { message, lock: null };
    }
    const until = hold?.until ?? this.#now() + this.rules.lockDuration;
    const lock = this.#locks.take(message.sequenceNumber, until, hold);
    if (hold === null) this.#watchLock(lock);
    return { message, lock: { token: lock.token, until } };
  }

  #watchLock(lock: Lock): void {
    this.#agenda.at(
      lock.until,
      () => this.#locks.isHeld(lock),
      () => {
        if (lock.until > this.#now()) this.#watchLock(lock);
        else this.#loseLock(lock);
      },
    );
  }

  #loseLock(lock: Lock): void {
    this.#locks.drop(lock);
    const message = this.#shelf.find(lock.sequenceNumber);
    if (message !== undefined) this.#lifecycle.countFailure(message);
    this.requestPump();
  }

  #requireLock(token: string): Lock {
    const lock = this.#locks.find(token);
    if (lock !== undefined) return lock;
    if (this.rules.requiresSession) {
      throw new QueueFault(
        'sessionLockLost',
        'The session lock has expired on the session. Accept the session again.',
      );
    }
    throw new QueueFault(
      'messageLockLost',
      'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
    );
  }

  #requireStored(lock: Lock): StoredMessage {
    const message = this.#shelf.find(lock.sequenceNumber);
    if (message === undefined) {
      throw new Error(`queue ${this.rules.name}: lock ${lock.token} outlived message ${lock.sequenceNumber}`);
    }
    return message;
  }

  #requireInState(sequenceNumbers: readonly number[], state: StoredMessage['state']): StoredMessage[] {
    return sequenceNumbers.map((sequenceNumber) => {
      const message = this.#shelf.find(sequenceNumber);
      if (message?.state !== state || this.#locks.isLocked(sequenceNumber)) {
        throw new QueueFault(
          'messageNotFound',
          `No ${state} message with sequence number ${sequenceNumber} is in queue '${this.rules.name}'.`,
        );
      }
      return message;
    });
  }
}

function duplicateHistory(rules: QueueRules, journal: Journal, saved: SavedQueue): DuplicateHistory | null {
  if (rules.duplicateDetectionWindow === null) return null;
  return new DuplicateHistory(journal, rules.name, {
    window: rules.duplicateDetectionWindow,
    saved: saved.duplicates,
  });
}
