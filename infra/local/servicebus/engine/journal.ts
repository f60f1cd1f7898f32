import type { StoredMessage } from './message.ts';

/**
 * Where a queue writes what must survive. Writes take their values at the call (a message object changes later);
 * all writes of one event-loop turn become durable together.
 */
export interface Journal {
  insert(queue: string, message: StoredMessage): void;
  /** Rewrites what a settlement can change: state, delivery count, properties. */
  update(queue: string, message: StoredMessage): void;
  remove(queue: string, sequenceNumber: number): void;
  rememberDuplicate(queue: string, messageId: string, until: number): void;
  forgetDuplicate(queue: string, messageId: string): void;
  /** `state` null clears it. */
  saveSession(queue: string, sessionId: string, session: SavedSession | null): void;
  /** No sequence number up to and including `last` will be given out again. */
  reserveSequenceNumbers(queue: string, last: number): void;
  /** Runs `action` once everything written so far is durable; actions run in the order they were asked for. */
  afterCommit(action: () => void): void;
}

export interface SavedSession {
  state: Buffer;
  updatedAt: number;
}

/** What was on disk for one queue. */
export interface SavedQueue {
  messages: StoredMessage[];
  duplicates: { messageId: string; until: number }[];
  sessions: { sessionId: string; session: SavedSession }[];
  lastReservedSequenceNumber: number;
}

export const emptyQueue: SavedQueue = {
  messages: [],
  duplicates: [],
  sessions: [],
  lastReservedSequenceNumber: 0,
};
