import { effectiveTimeToLive, requireAdmissible } from './admission.ts';
import { Agenda } from './agenda.ts';
import { type Consumer, type Delivery, Dispatcher } from './dispatcher.ts';
import { DuplicateHistory } from './duplicates.ts';
import { QueueFault } from './faults.ts';
import type { Journal, SavedQueue } from './journal.ts';
import { type Lock, LockTable } from './locks.ts';
import { expiryOf, type Properties, type StoredMessage, type Submission } from './message.ts';
import { deadLetterReasons, type QueueRules } from './rules.ts';
import { SequenceNumbers } from './sequence.ts';
import { type SessionHold, SessionTable } from './sessions.ts';
import { deadLetterProperties, type Settlement } from './settlement.ts';
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
}

/** A receiver waiting for any session with messages. */
export interface SessionSeeker {
  granted: (hold: SessionHold) => void;
  onLost: () => void;
}

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
export class MessageQueue {
  readonly rules: QueueRules;
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #deadLetters: MessageQueue | null;
  readonly #locks = new LockTable();
  readonly #shelf: Shelf;
  readonly #agenda: Agenda;
  readonly #sequence: SequenceNumbers;
  readonly #sessions: SessionTable;
  readonly #duplicates: DuplicateHistory | null;
  readonly #dispatcher = new Dispatcher((consumer) => this.#next(consumer));
  readonly #seekers = new Set<SessionSeeker>();
  readonly #wakeAt: (due: number) => void;
  #pumpRequested = false;

  constructor({ rules, journal, saved, now, wakeAt, deadLetters }: QueueSetup) {
    this.rules = rules;
    this.#journal = journal;
    this.#now = now;
    this.#wakeAt = wakeAt;
    this.#deadLetters = deadLetters;
    this.#agenda = new Agenda();
    this.#shelf = new Shelf(journal, rules.name, {
      locks: this.#locks,
      lineOf: (message) => (rules.requiresSession ? (message.sessionId ?? '') : everyone),
    });
    this.#sequence = new SequenceNumbers(journal, rules.name, saved.lastReservedSequenceNumber);
    this.#sessions = new SessionTable(journal, rules.name, saved.sessions);
    this.#duplicates =
      rules.duplicateDetectionWindow === null
        ? null
        : new DuplicateHistory(journal, rules.name, {
            window: rules.duplicateDetectionWindow,
            saved: saved.duplicates,
          });
    for (const message of saved.messages) {
      this.#shelf.restore(message);
      this.#plan(message);
    }
  }

  get isDeadLetterQueue(): boolean {
    return this.#deadLetters === null;
  }

  /**
   * Takes messages, all or none; durable once the journal commits. Repeats within the duplicate window vanish silently.
   * @returns the sequence number of each.
   * @throws QueueFault notAllowed, malformedRequest.
   */
  send(submissions: readonly Submission[]): number[] {
    this.advance();
    requireAdmissible(this.rules, submissions);
    const numbers = submissions.map((submission) => this.#accept(submission));
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
    if (settlement.kind === 'deadLetter' && this.#deadLetters === null) {
      throw new QueueFault('notAllowed', 'A message in a dead-letter queue cannot be dead-lettered again.');
    }
    this.#locks.drop(lock);
    switch (settlement.kind) {
      case 'complete':
        this.#shelf.remove(message);
        break;
      case 'abandon':
        message.properties = { ...message.properties, ...settlement.properties };
        this.#countFailure(message);
        break;
      case 'defer':
        message.properties = { ...message.properties, ...settlement.properties };
        message.deliveryCount += 1;
        message.state = 'deferred';
        this.#putBack(message);
        break;
      case 'deadLetter':
        this.#bury(message, settlement.properties);
        break;
      case 'release':
        this.#putBack(message);
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
    if (consumer.hold !== null) this.releaseSession(consumer.hold);
  }

  /** @throws QueueFault sessionCannotBeLocked when another receiver holds it. */
  acceptSession(sessionId: string, onLost: () => void): SessionHold {
    this.advance();
    const hold = this.#sessions.take(sessionId, this.#now() + this.rules.lockDuration, onLost);
    this.#watchHold(hold);
    return hold;
  }

  /** Grants the next session that has a message ready and no holder, now or whenever there is one. */
  seekSession(seeker: SessionSeeker): void {
    this.#seekers.add(seeker);
    this.requestPump();
  }

  stopSeeking(seeker: SessionSeeker): void {
    this.#seekers.delete(seeker);
  }

  /** Gives a session back: its unsettled messages return uncounted. */
  releaseSession(hold: SessionHold): void {
    if (!this.#sessions.owns(hold)) return;
    this.#sessions.drop(hold);
    for (const lock of [...hold.locks]) {
      this.#locks.drop(lock);
      const message = this.#shelf.find(lock.sequenceNumber);
      if (message !== undefined) this.#putBack(message);
    }
    this.requestPump();
  }

  /** @throws QueueFault sessionLockLost. */
  renewSession(sessionId: string): number {
    this.advance();
    const hold = this.#sessions.require(sessionId);
    hold.until = this.#now() + this.rules.lockDuration;
    return hold.until;
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
      this.#serveSeekers();
      this.#dispatcher.run();
    });
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
    this.#plan(message);
    return sequenceNumber;
  }

  /** Notes when a message becomes active or dies. */
  #plan(message: StoredMessage): void {
    if (message.state === 'scheduled') {
      const due = message.scheduledFor ?? this.#now();
      this.#at(
        due,
        () => this.#shelf.has(message) && message.state === 'scheduled',
        () => this.#activate(message),
      );
      return;
    }
    const expiry = expiryOf(message);
    if (expiry === undefined || this.#deadLetters === null) return;
    // A locked message may outlive its time; whoever lets go of it looks again.
    this.#at(
      expiry,
      () => this.#shelf.has(message),
      () => this.#expireUnlessLocked(message),
    );
  }

  /** A scheduled message gets a new number when its time comes: it stands behind what was active before it. */
  #activate(message: StoredMessage): void {
    this.#shelf.remove(message);
    const active: StoredMessage = {
      ...message,
      sequenceNumber: this.#sequence.next(),
      state: 'active',
      enqueuedAt: this.#now(),
    };
    this.#shelf.add(active);
    this.#plan(active);
    this.requestPump();
  }

  #expireUnlessLocked(message: StoredMessage): boolean {
    const expiry = expiryOf(message);
    if (this.#deadLetters === null || expiry === undefined || expiry > this.#now()) return false;
    if (this.#locks.isLocked(message.sequenceNumber)) return false;
    if (this.rules.deadLetteringOnMessageExpiration) {
      const { reason, description } = deadLetterReasons.expired;
      this.#bury(message, deadLetterProperties(reason, description));
    } else {
      this.#shelf.remove(message);
    }
    return true;
  }

  #countFailure(message: StoredMessage): void {
    message.deliveryCount += 1;
    const limit = this.rules.maxDeliveryCount;
    if (this.#deadLetters !== null && message.deliveryCount >= limit) {
      const { reason, description } = deadLetterReasons.maxDeliveryCountExceeded;
      this.#bury(message, deadLetterProperties(reason, description(limit)));
    } else {
      this.#putBack(message);
    }
  }

  /** Returns an unlocked message to its place, or ends it when its time ran out meanwhile. */
  #putBack(message: StoredMessage): void {
    if (this.#expireUnlessLocked(message)) return;
    this.#shelf.update(message);
    this.#shelf.enterLine(message);
  }

  #bury(message: StoredMessage, properties: Properties): void {
    this.#shelf.remove(message);
    this.#deadLetters?.adopt({
      ...message,
      state: 'active',
      deadLetterSource: this.rules.name,
      properties: { ...message.properties, ...properties },
    });
  }

  /** Takes over a message that died in the main queue; it keeps its number. */
  private adopt(message: StoredMessage): void {
    this.#shelf.add(message);
    this.requestPump();
  }

  #serveSeekers(): void {
    for (const seeker of [...this.#seekers]) {
      const line = this.#shelf.longestWaiting(
        (candidate) => typeof candidate !== 'string' || this.#sessions.isHeld(candidate),
      );
      if (typeof line !== 'string') return;
      this.#seekers.delete(seeker);
      seeker.granted(this.acceptSession(line, seeker.onLost));
    }
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
    this.#at(
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
    if (message !== undefined) this.#countFailure(message);
    this.requestPump();
  }

  #watchHold(hold: SessionHold): void {
    this.#at(
      hold.until,
      () => this.#sessions.owns(hold),
      () => {
        if (hold.until > this.#now()) {
          this.#watchHold(hold);
          return;
        }
        this.#sessions.drop(hold);
        for (const lock of [...hold.locks]) this.#loseLock(lock);
        hold.onLost();
        this.requestPump();
      },
    );
  }

  #at(due: number, stillWanted: () => boolean, run: () => void): void {
    this.#agenda.at(due, stillWanted, run);
    this.#wakeAt(due);
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
