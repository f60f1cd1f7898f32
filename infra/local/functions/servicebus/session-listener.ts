import { isServiceBusError } from '@azure/service-bus';
import type { ServiceBusSessionReceiver } from '@azure/service-bus';
import type { Listener } from '../listener.ts';
import { dispatchBatch, dispatchOne, giveBack } from './dispatch.ts';
import { closeForgotten, shortenWaits } from './session-wait.ts';
import { LinkTrouble, pauseBeforeRetry, receiveBatch } from './source.ts';
import type { MessageSource } from './source.ts';

/**
 * Up to `maxConcurrentSessions` sessions at once, one call in each, so that the order inside a session holds. A session
 * is given up after `sessionIdleTimeout` without a message, or when its lock is lost.
 */
export class SessionListener implements Listener {
  readonly #source: MessageSource;
  readonly #isBatch: boolean;
  readonly #trouble: LinkTrouble;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(source: MessageSource, isBatch: boolean) {
    this.#source = source;
    this.#isBatch = isBatch;
    this.#trouble = new LinkTrouble(source);
  }

  start(): void {
    const seats = Array.from({ length: this.#source.settings.maxConcurrentSessions }, () => this.#run());
    this.#running = Promise.all(seats);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** One seat: accepts a session, serves it, accepts the next. */
  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!this.#isStopping()) {
      try {
        const receiver = await this.#accept(signal);
        this.#trouble.over();
        if (receiver !== undefined) await this.#serve(receiver, signal);
      } catch (error) {
        if (this.#isStopping()) return;
        if (isServiceBusError(error) && isNoSession(error.code)) continue;
        this.#trouble.report(error);
        await pauseBeforeRetry(signal);
      }
    }
  }

  /** The next session with a message; undefined when the listener stops meanwhile. */
  async #accept(signal: AbortSignal): Promise<ServiceBusSessionReceiver | undefined> {
    const { client, queue, settings } = this.#source;
    shortenWaits(client);
    const accepting = client.acceptNextSession(queue, {
      receiveMode: 'peekLock',
      maxAutoLockRenewalDurationInMs: settings.maxAutoLockRenewalDuration,
      skipParsingBodyAsJson: true,
    });
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const onStop = (): void => resolve(undefined);
    signal.addEventListener('abort', onStop);
    const receiver = await Promise.race([accepting, stopped]);
    signal.removeEventListener('abort', onStop);
    // The SDK cannot take back an accept under way; should it still be granted, the session is given up again.
    if (receiver === undefined) accepting.then((late) => late.close()).catch(() => closeForgotten(client));
    return receiver;
  }

  async #serve(receiver: ServiceBusSessionReceiver, signal: AbortSignal): Promise<void> {
    const { settings, dispatch, inFlight } = this.#source;
    const idleMilliseconds = settings.sessionIdleTimeout ?? settings.clientRetryOptions.tryTimeout;
    try {
      while (!this.#isStopping()) {
        const messages = this.#isBatch
          ? await receiveBatch(receiver, { settings, idleMilliseconds, signal })
          : await receiver.receiveMessages(1, { maxWaitTimeInMs: idleMilliseconds, abortSignal: signal });
        const [message] = messages;
        if (message === undefined) return;
        if (this.#isStopping()) await giveBack(dispatch, receiver, messages);
        else if (this.#isBatch) await inFlight.during(() => dispatchBatch(dispatch, receiver, messages));
        else await inFlight.during(() => dispatchOne(dispatch, receiver, message));
      }
    } finally {
      await receiver.close();
    }
  }
}

/** What the service answers while no session has a message. */
function isNoSession(code: string): boolean {
  return code === 'ServiceTimeout' || code === 'SessionCannotBeLocked';
}
