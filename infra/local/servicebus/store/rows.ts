import type { SQLOutputValue } from 'node:sqlite';
import type { MessageState, StoredMessage } from '../engine/message.ts';
import { textToProperties } from './property-text.ts';

/** A row as SQLite returns it. */
export type Row = Record<string, SQLOutputValue>;

export function rowToMessage(row: Row): StoredMessage {
  return {
    sequenceNumber: integer(row, 'sequence_number'),
    enqueuedSequenceNumber: integer(row, 'enqueued_sequence_number'),
    messageId: text(row, 'message_id'),
    sessionId: orNull(row, 'session_id', text),
    state: state(row),
    enqueuedAt: integer(row, 'enqueued_at'),
    timeToLive: orNull(row, 'time_to_live', integer),
    scheduledFor: orNull(row, 'scheduled_for', integer),
    deliveryCount: integer(row, 'delivery_count'),
    deadLetterSource: orNull(row, 'dead_letter_source', text),
    properties: textToProperties(text(row, 'properties')),
    content: blob(row, 'content'),
  };
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw mistyped(column, 'an integer', value);
  return value;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw mistyped(column, 'text', value);
  return value;
}

export function blob(row: Row, column: string): Buffer {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw mistyped(column, 'a blob', value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function orNull<Value>(row: Row, column: string, read: (row: Row, column: string) => Value): Value | null {
  return row[column] === null ? null : read(row, column);
}

function state(row: Row): MessageState {
  const value = text(row, 'state');
  if (value === 'active' || value === 'deferred' || value === 'scheduled') return value;
  throw mistyped('state', 'a message state', value);
}

function mistyped(column: string, wanted: string, value: unknown): Error {
  return new Error(`The broker's file is damaged: column ${column} holds ${String(value)}, not ${wanted}.`);
}
