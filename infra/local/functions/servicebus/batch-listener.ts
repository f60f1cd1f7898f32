import type { Listener } from '../listener.ts';
import { dispatchBatch, giveBack } from './dispatch.ts';
import { LinkTrouble, pauseBeforeRetry, receiveBatch } from './source.ts';
import type { MessageSource } from './source.ts';

/** Many messages an invocation, one batch at a time, no lock renewal, as the real host does. */
export class BatchListener implements Listener {
  readonly #source: MessageSource;
  readonly #trouble: LinkTrouble;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(source: MessageSource) {
    this.#source = source;
    this.#trouble = new LinkTrouble(source);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!this.#isStopping()) {
      try {
        await this.#receive(signal);
      } catch (error) {
        if (this.#isStopping()) return;
        this.#trouble.report(error);
        await pauseBeforeRetry(signal);
      }
    }
  }

  /** Takes batches over one link until the listener stops or the link breaks. */
  async #receive(signal: AbortSignal): Promise<void> {
    const { client, queue, settings, dispatch, inFlight } = this.#source;
    const receiver = client.createReceiver(queue, {
      receiveMode: 'peekLock',
      maxAutoLockRenewalDurationInMs: 0,
      skipParsingBodyAsJson: true,
    });
    try {
      while (!this.#isStopping()) {
        const idleMilliseconds = settings.clientRetryOptions.tryTimeout;
        const batch = await receiveBatch(receiver, { settings, idleMilliseconds, signal });
        this.#trouble.over();
        if (batch.length === 0) continue;
        if (this.#isStopping()) await giveBack(dispatch, receiver, batch);
        else await inFlight.during(() => dispatchBatch(dispatch, receiver, batch));
      }
    } finally {
      await receiver.close();
    }
  }
}
