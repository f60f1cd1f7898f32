import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Journal, SavedQueue, SavedSession } from '../engine/journal.ts';
import type { StoredMessage } from '../engine/message.ts';
import { propertiesToText } from './property-text.ts';
import { blob, integer, rowToMessage, text } from './rows.ts';
import { schema } from './schema.ts';

/**
 * The journal on SQLite: write-ahead log, one transaction for all writes of an event-loop turn, acknowledgements after
 * its commit. Safe under `kill -9` of the process; `synchronous = NORMAL` may lose the last commits on a power cut.
 */
export class SqliteJournal implements Journal {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #actions: (() => void)[] = [];
  #inTransaction = false;
  #commitPlanned = false;
  #closed = false;

  /**
   * Opens (or makes) `servicebus.sqlite` in a folder. A predecessor that is still stopping gets `patience` milliseconds
   * to let go of it. @throws Error when another broker has it open.
   */
  constructor(directory: string, patience: number) {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'servicebus.sqlite');
    this.#database = new DatabaseSync(path, { timeout: patience });
    try {
      // Exclusive: a second broker on the same folder must fail at start, not corrupt both.
      this.#database.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;',
      );
      this.#database.exec(schema);
    } catch (error) {
      this.#database.close();
      throw new Error(`Cannot use ${path}: is another broker running on this folder?`, { cause: error });
    }
  }

  insert(queue: string, message: StoredMessage): void {
    this.#write('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
      queue,
      message.sequenceNumber,
      message.enqueuedSequenceNumber,
      message.messageId,
      message.sessionId,
      message.state,
      message.enqueuedAt,
      message.timeToLive,
      message.scheduledFor,
      message.deliveryCount,
      message.deadLetterSource,
      propertiesToText(message.properties),
      message.content,
    ]);
  }

  update(queue: string, message: StoredMessage): void {
    this.#write(
      'UPDATE messages SET state = ?, delivery_count = ?, properties = ? WHERE queue = ? AND sequence_number = ?',
      [
        message.state,
        message.deliveryCount,
        propertiesToText(message.properties),
        queue,
        message.sequenceNumber,
      ],
    );
  }

  remove(queue: string, sequenceNumber: number): void {
    this.#write('DELETE FROM messages WHERE queue = ? AND sequence_number = ?', [queue, sequenceNumber]);
  }

  rememberDuplicate(queue: string, messageId: string, until: number): void {
    this.#write('INSERT OR REPLACE INTO duplicates VALUES (?, ?, ?)', [queue, messageId, until]);
  }

  forgetDuplicate(queue: string, messageId: string): void {
    this.#write('DELETE FROM duplicates WHERE queue = ? AND message_id = ?', [queue, messageId]);
  }

  saveSession(queue: string, sessionId: string, session: SavedSession | null): void {
    if (session === null) {
      this.#write('DELETE FROM sessions WHERE queue = ? AND session_id = ?', [queue, sessionId]);
    } else {
      this.#write('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)', [
        queue,
        sessionId,
        session.state,
        session.updatedAt,
      ]);
    }
  }

  reserveSequenceNumbers(queue: string, last: number): void {
    this.#write('INSERT OR REPLACE INTO sequences VALUES (?, ?)', [queue, last]);
  }

  afterCommit(action: () => void): void {
    if (this.#closed) return;
    this.#actions.push(action);
    this.#planCommit();
  }

  load(queue: string): SavedQueue {
    const rows = (sql: string) => this.#prepared(sql).all(queue);
    const reserved = this.#prepared('SELECT last_reserved FROM sequences WHERE queue = ?').get(queue);
    return {
      messages: rows('SELECT * FROM messages WHERE queue = ? ORDER BY sequence_number').map(rowToMessage),
      duplicates: rows('SELECT message_id, until FROM duplicates WHERE queue = ?').map((row) => ({
        messageId: text(row, 'message_id'),
        until: integer(row, 'until'),
      })),
      sessions: rows('SELECT session_id, state, updated_at FROM sessions WHERE queue = ?').map((row) => ({
        sessionId: text(row, 'session_id'),
        session: { state: blob(row, 'state'), updatedAt: integer(row, 'updated_at') },
      })),
      lastReservedSequenceNumber: reserved === undefined ? 0 : integer(reserved, 'last_reserved'),
    };
  }

  /** Commits what is open, runs what waited for it, and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#actions = [];
    this.#database.close();
  }

  #write(sql: string, values: SQLInputValue[]): void {
    // A turn that ends after close (a link going away with its socket) has nothing left to make durable.
    if (this.#closed) return;
    if (!this.#inTransaction) {
      this.#database.exec('BEGIN');
      this.#inTransaction = true;
      this.#planCommit();
    }
    this.#prepared(sql).run(...values);
  }

  #planCommit(): void {
    if (this.#commitPlanned) return;
    this.#commitPlanned = true;
    setImmediate(() => {
      this.#commitPlanned = false;
      if (!this.#closed) this.#commit();
    });
  }

  #commit(): void {
    if (this.#inTransaction) {
      this.#database.exec('COMMIT');
      this.#inTransaction = false;
    }
    const actions = this.#actions;
    this.#actions = [];
    for (const action of actions) action();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
