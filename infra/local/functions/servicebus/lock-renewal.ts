import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

export interface LockRenewal {
  /** Real milliseconds after which the lock is left to run out (`maxAutoLockRenewalDuration`). */
  longest: number;
  onError: (error: unknown) => void;
}

/**
 * Renews the lock of a message half-way to its end until the returned function is called. The SDK's own renewal goes on
 * after the handler has returned, which would hold a message that a function leaves unsettled; the real host stops.
 */
export function keepLocked(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  { longest, onError }: LockRenewal,
): () => void {
  const giveUpAt = performance.now() + longest;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const plan = (lockedUntil: Date | undefined): void => {
    if (lockedUntil === undefined || stopped) return;
    // Service Bus locks are kept in real time by the broker, so the wall clock is the right one here.
    const wait = Math.max(0, (lockedUntil.getTime() - Date.now()) / 2);
    if (performance.now() + wait < giveUpAt) timer = setTimeout(renew, wait);
  };
  const renew = (): void => {
    receiver.renewMessageLock(message).then(plan, (error: unknown) => {
      if (!stopped) onError(error);
    });
  };
  plan(message.lockedUntilUtc);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
