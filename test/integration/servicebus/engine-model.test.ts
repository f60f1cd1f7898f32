import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Delivery } from '../../../infra/local/servicebus/engine/dispatcher.ts';
import { MessageQueue } from '../../../infra/local/servicebus/engine/queue.ts';
import type { QueueRules } from '../../../infra/local/servicebus/engine/rules.ts';
import { MemoryJournal } from './support/memory-journal.ts';

const lockDuration = 100;
const limit = 3;

const rules: QueueRules = {
  name: 'q',
  lockDuration,
  defaultMessageTimeToLive: null,
  maxDeliveryCount: limit,
  requiresSession: false,
  duplicateDetectionWindow: null,
  deadLetteringOnMessageExpiration: true,
};

type Step =
  | { kind: 'send'; timeToLive: number | null; delay: number | null }
  | { kind: 'take' }
  | { kind: 'settle'; which: number; how: 'complete' | 'abandon' | 'defer' | 'deadLetter' | 'release' }
  | { kind: 'renew'; which: number }
  | { kind: 'wait'; milliseconds: number }
  | { kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    timeToLive: fc.option(fc.integer({ min: 20, max: 400 }), { freq: 2 }),
    delay: fc.option(fc.integer({ min: 1, max: 200 }), { freq: 2 }),
  }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({
    kind: fc.constant('settle' as const),
    which: fc.nat(20),
    how: fc.constantFrom('complete', 'abandon', 'defer', 'deadLetter', 'release'),
  }),
  fc.record({ kind: fc.constant('renew' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 150 }) }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

/** A queue on stepped time, with the bookkeeping to tell what it may and may not do. */
class Trial {
  time = 1000;
  readonly journal = new MemoryJournal();
  queue: MessageQueue;
  deadLetters: MessageQueue;
  held: Delivery[] = [];
  sent = 0;
  completed = 0;
  numbers = new Set<number>();

  constructor() {
    [this.queue, this.deadLetters] = this.#open();
  }

  run(next: Step): void {
    switch (next.kind) {
      case 'send':
        this.#send(next.timeToLive, next.delay);
        break;
      case 'take':
        this.#take();
        break;
      case 'settle':
        this.#settle(next.which, next.how);
        break;
      case 'renew':
        this.#renew(next.which);
        break;
      case 'wait':
        this.time += next.milliseconds;
        break;
      case 'restart':
        this.journal.commit();
        this.held = [];
        [this.queue, this.deadLetters] = this.#open();
        break;
    }
    this.journal.commit();
    this.#check();
  }

  #send(timeToLive: number | null, delay: number | null): void {
    const [number] = this.queue.send([
      {
        messageId: `m${this.sent}`,
        sessionId: null,
        timeToLive,
        scheduledFor: delay === null ? null : this.time + delay,
        content: Buffer.alloc(0),
      },
    ]);
    assert.ok(number !== undefined && !this.numbers.has(number), 'a sequence number is never used twice');
    this.numbers.add(number);
    this.sent += 1;
  }

  #take(): void {
    const got: Delivery[] = [];
    const consumer = {
      mode: 'peekLock' as const,
      hold: null,
      credit: () => 1 - got.length,
      deliver: (delivery: Delivery) => got.push(delivery),
    };
    this.queue.addConsumer(consumer);
    this.journal.commit();
    this.queue.removeConsumer(consumer);
    for (const delivery of got) {
      const { message, lock } = delivery;
      assert.ok(lock !== null && lock.until === this.time + lockDuration);
      assert.equal(message.state, 'active');
      assert.ok(message.scheduledFor === null || message.scheduledFor <= this.time, 'not before its time');
      assert.equal(
        message.sequenceNumber > message.enqueuedSequenceNumber,
        message.scheduledFor !== null,
        'a new number once its time has come',
      );
      assert.ok(
        message.timeToLive === null || message.enqueuedAt + message.timeToLive > this.time,
        'not expired',
      );
      assert.ok(message.deliveryCount < limit, 'not after its last attempt');
      assert.ok(
        this.held.every((other) => other.message.messageId !== message.messageId || !this.#isAlive(other)),
        'nobody else holds it',
      );
      this.held.push(delivery);
    }
  }

  #settle(which: number, how: Extract<Step, { kind: 'settle' }>['how']): void {
    const delivery = this.held[which % Math.max(this.held.length, 1)];
    if (delivery === undefined || delivery.lock === null) return;
    const { token } = delivery.lock;
    const settle = () => {
      this.queue.settle(
        token,
        how === 'complete' || how === 'release' ? { kind: how } : { kind: how, properties: {} },
      );
    };
    if (!this.#isAlive(delivery)) {
      assert.throws(settle, { kind: 'messageLockLost' });
      return;
    }
    settle();
    this.held = this.held.filter((other) => other !== delivery);
    if (how === 'complete') this.completed += 1;
  }

  #renew(which: number): void {
    const delivery = this.held[which % Math.max(this.held.length, 1)];
    if (delivery === undefined || delivery.lock === null) return;
    const { lock } = delivery;
    if (this.#isAlive(delivery)) lock.until = this.queue.renew(lock.token);
    else assert.throws(() => this.queue.renew(lock.token), { kind: 'messageLockLost' });
  }

  #isAlive(delivery: Delivery): boolean {
    return delivery.lock !== null && delivery.lock.until > this.time;
  }

  /** Expiry here always dead-letters, so nothing may ever vanish but what was completed. */
  #check(): void {
    const here = this.queue.counts();
    const dead = this.deadLetters.counts();
    const present = here.active + here.locked + here.deferred + here.scheduled + dead.active;
    assert.equal(present + this.completed, this.sent, 'no message lost, none doubled');
    assert.equal(here.locked, this.held.filter((delivery) => this.#isAlive(delivery)).length);
    for (const each of [this.queue, this.deadLetters]) {
      const saved = this.journal.load(each.rules.name).messages;
      const bySequence = saved.toSorted((left, right) => left.sequenceNumber - right.sequenceNumber);
      assert.deepEqual(bySequence, each.peek(0, Infinity, null), 'the journal holds exactly what is there');
    }
    const due = this.queue.nextDue();
    assert.ok(due === undefined || due > this.time, 'everything due is done');
  }

  #open(): [MessageQueue, MessageQueue] {
    const common = { journal: this.journal, now: () => this.time, wakeAt: () => undefined };
    const deadLetters = new MessageQueue({
      ...common,
      rules: { ...rules, name: 'dead' },
      saved: this.journal.load('dead'),
      deadLetters: null,
    });
    const queue = new MessageQueue({ ...common, rules, saved: this.journal.load('q'), deadLetters });
    return [queue, deadLetters];
  }
}

describe('the queue engine', () => {
  it('keeps every message exactly once through any mix of sends, locks, settlements, time and restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const trial = new Trial();
        for (const next of steps) trial.run(next);
      }),
      { numRuns: 400 },
    );
  });
});
