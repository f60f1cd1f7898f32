import type { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { MessageSender, PeekedMessage, QueueMessage } from '../../../shared/azure/message-sender.ts';
import type { Chance } from './chance.ts';

/** Queues that lose, double, delay and reorder what is sent, by chance. What has arrived waits in {@link arrived}. */
export class MessageBus implements MessageSender {
  readonly arrived: QueueMessage[] = [];
  chance: Chance;
  readonly #clock: SteppedClock;
  #sent = 0;

  constructor(clock: SteppedClock, chance: Chance) {
    this.#clock = clock;
    this.chance = chance;
  }

  get sent(): number {
    return this.#sent;
  }

  send(messages: readonly QueueMessage[]): Promise<void> {
    for (const message of messages) {
      this.#sent += 1;
      const fate = this.chance.message();
      if (fate.is === 'lost') continue;
      if (fate.is !== 'late') this.arrived.push(message);
      if (fate.is !== 'once') this.#later(message, this.#clock.now() + fate.seconds * 1000);
    }
    return Promise.resolve();
  }

  schedule(message: QueueMessage, at: Date): Promise<void> {
    this.#later(message, at.getTime());
    return Promise.resolve();
  }

  peek(): Promise<PeekedMessage[]> {
    return Promise.resolve([]);
  }

  #later(message: QueueMessage, at: number): void {
    this.#clock.schedule(Math.max(at, this.#clock.now() + 1), () => this.arrived.push(message));
  }
}
