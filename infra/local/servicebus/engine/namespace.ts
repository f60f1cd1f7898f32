import { Alarm } from './alarm.ts';
import { QueueFault } from './faults.ts';
import type { Journal, SavedQueue } from './journal.ts';
import type { Submission } from './message.ts';
import { MessageQueue, type QueueSetup } from './queue.ts';
import { deadLetterSuffix, type QueueRules } from './rules.ts';

export interface QueuePair {
  main: MessageQueue;
  deadLetters: MessageQueue;
}

/** Depth of one queue, for people and for tests that wait until nothing moves. */
export interface QueueDepth {
  queue: string;
  active: number;
  locked: number;
  deferred: number;
  scheduled: number;
  deadLettered: number;
}

/** An `Arrival` that is told the queue too. */
export type NamespaceArrival = (
  queue: string,
  message: Submission,
  deliver: (copy: Submission) => void,
) => void;

/** All queues of a broker, running in real time. Names are found whatever their case, as in Azure. */
export class Namespace {
  readonly #pairs = new Map<string, QueuePair>();
  readonly #alarms: Alarm[] = [];

  constructor(
    rules: readonly QueueRules[],
    journal: Journal & { load(queue: string): SavedQueue },
    arriving?: NamespaceArrival,
  ) {
    for (const own of rules) {
      const deadLetters = this.#run({
        rules: deadLetterRules(own),
        journal,
        saved: journal.load(own.name + deadLetterSuffix),
        deadLetters: null,
      });
      const main = this.#run({
        rules: own,
        journal,
        saved: journal.load(own.name),
        deadLetters,
        arriving: arriving && ((message, deliver) => arriving(own.name, message, deliver)),
      });
      this.#pairs.set(own.name.toLowerCase(), { main, deadLetters });
    }
  }

  /** @throws QueueFault entityNotFound; clients know that error by this very text. */
  find(queue: string): QueuePair {
    const pair = this.#pairs.get(queue.toLowerCase());
    if (pair === undefined) {
      throw new QueueFault('entityNotFound', `The messaging entity '${queue}' could not be found.`);
    }
    return pair;
  }

  depths(): QueueDepth[] {
    return [...this.#pairs.values()].map(({ main, deadLetters }) => {
      const dead = deadLetters.counts();
      return {
        queue: main.rules.name,
        ...main.counts(),
        deadLettered: dead.active + dead.locked + dead.deferred,
      };
    });
  }

  stop(): void {
    for (const alarm of this.#alarms) alarm.stop();
  }

  #run(setup: Omit<QueueSetup, 'now' | 'wakeAt'>): MessageQueue {
    const alarm = new Alarm(() => {
      queue.advance();
      const due = queue.nextDue();
      if (due !== undefined) alarm.wakeAt(due);
    });
    this.#alarms.push(alarm);
    const queue = new MessageQueue({ ...setup, now: Date.now, wakeAt: (due) => alarm.wakeAt(due) });
    return queue;
  }
}

function deadLetterRules(main: QueueRules): QueueRules {
  return {
    name: main.name + deadLetterSuffix,
    lockDuration: main.lockDuration,
    defaultMessageTimeToLive: null,
    maxDeliveryCount: Infinity,
    requiresSession: false,
    duplicateDetectionWindow: null,
    deadLetteringOnMessageExpiration: false,
  };
}
