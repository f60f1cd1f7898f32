import { QueueFault } from './faults.ts';
import type { Submission } from './message.ts';
import { longestId, type QueueRules } from './rules.ts';

/**
 * Checks what a queue asks of every message, before any of a batch is taken.
 * @throws QueueFault notAllowed (no session id where one is needed), malformedRequest (an id too long).
 */
export function requireAdmissible(rules: QueueRules, submissions: readonly Submission[]): void {
  for (const { messageId, sessionId } of submissions) {
    if (rules.requiresSession && sessionId === null) {
      throw new QueueFault(
        'notAllowed',
        'The SessionId was not set on a message, and it cannot be sent to the entity. ' +
          `Queue '${rules.name}' requires sessions: set sessionId on every message.`,
      );
    }
    if (messageId.length > longestId) throw tooLong('message id', messageId);
    if (sessionId !== null && sessionId.length > longestId) throw tooLong('session id', sessionId);
  }
}

/** The shorter of a message's own life and the queue's. */
export function effectiveTimeToLive(rules: QueueRules, own: number | null): number | null {
  if (own === null) return rules.defaultMessageTimeToLive;
  return rules.defaultMessageTimeToLive === null ? own : Math.min(own, rules.defaultMessageTimeToLive);
}

function tooLong(what: string, text: string): QueueFault {
  return new QueueFault(
    'malformedRequest',
    `The ${what} '${text.slice(0, 20)}...' has ${text.length} characters; at most ${longestId} are allowed.`,
  );
}
