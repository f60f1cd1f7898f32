import { isServiceBusError } from '@azure/service-bus';
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Listener } from '../listener.ts';
import { dispatchOne, giveBack } from './dispatch.ts';
import { keepLocked } from './lock-renewal.ts';
import { LinkTrouble, pauseBeforeRetry } from './source.ts';
import type { MessageSource } from './source.ts';

/**
 * One message an invocation, up to `maxConcurrentCalls` at once, locks renewed meanwhile. The SDK brings a lost link back
 * by itself; what it gives up on (such as a queue that does not exist yet) is subscribed to again.
 */
export class MessageListener implements Listener {
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

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#subscribe();
      await pauseBeforeRetry(this.#stopping.signal);
    }
  }

  /** Resolves when the subscription has ended: the listener stops, or the SDK gave up. */
  async #subscribe(): Promise<void> {
    const { client, queue, settings } = this.#source;
    const receiver = client.createReceiver(queue, {
      receiveMode: 'peekLock',
      maxAutoLockRenewalDurationInMs: 0,
      skipParsingBodyAsJson: true,
    });
    const { promise: over, resolve: end } = Promise.withResolvers<undefined>();
    const handled = new Set<Promise<void>>();
    const subscription = receiver.subscribe(
      {
        processMessage: (message) => {
          this.#trouble.over();
          const work = this.#handle(receiver, message).finally(() => handled.delete(work));
          handled.add(work);
          return work;
        },
        processError: ({ error }) => {
          this.#trouble.report(error);
          // The SDK retries what can be retried for ever and ends its subscription on the rest.
          if (!isServiceBusError(error) || !error.retryable) end(undefined);
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: settings.maxConcurrentCalls },
    );
    const onStop = (): void => end(undefined);
    this.#stopping.signal.addEventListener('abort', onStop);
    await over;
    this.#stopping.signal.removeEventListener('abort', onStop);
    await this.#closing(subscription.close());
    await Promise.all(handled);
    await this.#closing(receiver.close());
  }

  async #handle(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<void> {
    const { inFlight, dispatch } = this.#source;
    if (this.#stopping.signal.aborted) await giveBack(dispatch, receiver, [message]);
    else await inFlight.during(() => this.#runLocked(receiver, message));
  }

  async #runLocked(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<void> {
    const { dispatch, settings } = this.#source;
    const release = keepLocked(receiver, message, {
      longest: settings.maxAutoLockRenewalDuration,
      onError: (error) => this.#trouble.report(error),
    });
    await dispatchOne(dispatch, receiver, message, release);
  }

  /** A link that cannot be closed is gone already. */
  async #closing(done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      this.#trouble.report(error);
    }
  }
}
