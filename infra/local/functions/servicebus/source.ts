import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { InFlight } from '../in-flight.ts';
import type { ServiceBusSettings } from '../settings/host-json.ts';
import type { Dispatch } from './dispatch.ts';

/** Where a listener takes its messages from and hands them to. */
export interface MessageSource {
  client: ServiceBusClient;
  queue: string;
  settings: ServiceBusSettings;
  inFlight: InFlight;
  dispatch: Dispatch;
}

/** Logs a broken link; the broker may be down for a while, so it is told once per kind of trouble. */
export class LinkTrouble {
  readonly #source: MessageSource;
  #last: string | undefined;

  constructor(source: MessageSource) {
    this.#source = source;
  }

  report(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#last) return;
    this.#last = text;
    const { dispatch, queue } = this.#source;
    dispatch.log('warning', `Host.Triggers.${dispatch.function.name}`, `Queue '${queue}': ${text}`);
  }

  over(): void {
    this.#last = undefined;
  }
}

/** Real milliseconds between tries while the broker cannot be reached. */
const retryDelay = 250;

/** Waits before the next try; returns early, without rejecting, when `signal` aborts. */
export async function pauseBeforeRetry(signal: AbortSignal): Promise<void> {
  try {
    await delay(retryDelay, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * The next batch: waits for a first message up to `idleMilliseconds`, then up to `maxBatchWaitTime` for
 * `minMessageBatchSize`. Empty when none came.
 */
export async function receiveBatch(
  receiver: ServiceBusReceiver,
  {
    settings,
    idleMilliseconds,
    signal,
  }: { settings: ServiceBusSettings; idleMilliseconds: number; signal: AbortSignal },
): Promise<ServiceBusReceivedMessage[]> {
  const { maxMessageBatchSize, minMessageBatchSize, maxBatchWaitTime } = settings;
  const batch = await receiver.receiveMessages(maxMessageBatchSize, {
    maxWaitTimeInMs: idleMilliseconds,
    abortSignal: signal,
  });
  const deadline = performance.now() + maxBatchWaitTime;
  while (
    batch.length > 0 &&
    batch.length < minMessageBatchSize &&
    performance.now() < deadline &&
    !signal.aborted
  ) {
    const more = await receiver.receiveMessages(maxMessageBatchSize - batch.length, {
      maxWaitTimeInMs: Math.max(1, deadline - performance.now()),
    });
    batch.push(...more);
  }
  return batch;
}
