/** How one queue behaves; durations in milliseconds. Names follow the Service Bus queue properties. */
export interface QueueRules {
  name: string;
  lockDuration: number;
  /** Upper bound of every message's life; null for none. */
  defaultMessageTimeToLive: number | null;
  maxDeliveryCount: number;
  requiresSession: boolean;
  /** Null when duplicate detection is off. */
  duplicateDetectionWindow: number | null;
  deadLetteringOnMessageExpiration: boolean;
}

/** What Azure writes into a message it dead-letters by itself. */
export const deadLetterReasons = {
  maxDeliveryCountExceeded: {
    reason: 'MaxDeliveryCountExceeded',
    description: (limit: number) => `Message could not be consumed after ${limit} delivery attempts.`,
  },
  expired: {
    reason: 'TTLExpiredException',
    description: 'The message expired and was dead lettered.',
  },
} as const;

/** Azure's limit on session ids and message ids, in characters. */
export const longestId = 128;

/** Address of a queue's dead-letter queue, below the queue's own. */
export const deadLetterSuffix = '/$DeadLetterQueue';
