import type { Properties } from './message.ts';

/** What a receiver wants done with a message it holds. `properties` change the message's application properties. */
export type Settlement =
  | { kind: 'complete' }
  | { kind: 'abandon'; properties: Properties }
  | { kind: 'defer'; properties: Properties }
  | { kind: 'deadLetter'; properties: Properties }
  /** Given back unread: the delivery does not count. */
  | { kind: 'release' };

/** The properties under which Azure shows why a message was dead-lettered. */
export function deadLetterProperties(
  reason: string | undefined,
  description: string | undefined,
): Properties {
  return {
    ...(reason === undefined ? {} : { DeadLetterReason: reason }),
    ...(description === undefined ? {} : { DeadLetterErrorDescription: description }),
  };
}
