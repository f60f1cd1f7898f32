import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { integerColumn, optionalTextColumn, textColumn, type Row } from './database.ts';

/** An entity that exists. `id` is `@name@key`, name in lower case; `state` is JSON text, null when it never set one. */
export interface StoredEntity {
  id: string;
  state: string | null;
  /** Epoch milliseconds. */
  updated: number;
}

/** The orchestration that waits for an operation's result, by the id its request carries. */
const replyTo = z.object({ instanceId: z.string(), executionId: z.string(), requestId: z.string() });
export type ReplyTo = z.infer<typeof replyTo>;

/** An operation to perform. `input` is JSON text; without `replyTo` it is a signal. */
export interface EntityOperation {
  entityId: string;
  operation: string;
  input: string | null;
  replyTo: ReplyTo | null;
}

export class EntityTable {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = {
      find: database.prepare('SELECT * FROM entities WHERE id = ?'),
      put: database.prepare('INSERT OR REPLACE INTO entities VALUES (?, ?, ?)'),
      remove: database.prepare('DELETE FROM entities WHERE id = ?'),
      list: database.prepare(
        'SELECT * FROM entities WHERE substr(id, 1, length(?1)) = ?1 AND id > ?2 ORDER BY id LIMIT ?3',
      ),
      send: database.prepare(
        'INSERT INTO entity_inbox (entity_id, operation, input, reply_to) VALUES (?, ?, ?, ?)',
      ),
      pending: database.prepare('SELECT * FROM entity_inbox WHERE entity_id = ? ORDER BY number LIMIT ?'),
      done: database.prepare('DELETE FROM entity_inbox WHERE number = ?'),
      withOperations: database.prepare('SELECT DISTINCT entity_id FROM entity_inbox'),
    };
  }

  find(id: string): StoredEntity | undefined {
    const row = this.#statements.find.get(id);
    return row === undefined ? undefined : entityOf(row);
  }

  put(entity: StoredEntity): void {
    this.#statements.put.run(entity.id, entity.state, entity.updated);
  }

  remove(id: string): void {
    this.#statements.remove.run(id);
  }

  /** Entities whose id begins with `prefix` and comes after `after`, in order. */
  list(prefix: string, after: string, limit: number): StoredEntity[] {
    return this.#statements.list.all(prefix, after, limit).map(entityOf);
  }

  send(operation: EntityOperation): void {
    const reply = operation.replyTo === null ? null : JSON.stringify(operation.replyTo);
    this.#statements.send.run(operation.entityId, operation.operation, operation.input, reply);
  }

  /** The oldest operations the entity has still to perform. */
  pending(entityId: string, limit: number): (EntityOperation & { number: number })[] {
    return this.#statements.pending.all(entityId, limit).map((row) => {
      const reply = optionalTextColumn(row, 'reply_to');
      return {
        number: integerColumn(row, 'number'),
        entityId: textColumn(row, 'entity_id'),
        operation: textColumn(row, 'operation'),
        input: optionalTextColumn(row, 'input'),
        replyTo: reply === null ? null : replyTo.parse(JSON.parse(reply)),
      };
    });
  }

  done(number: number): void {
    this.#statements.done.run(number);
  }

  withOperations(): string[] {
    return this.#statements.withOperations.all().map((row) => textColumn(row, 'entity_id'));
  }
}

function entityOf(row: Row): StoredEntity {
  return {
    id: textColumn(row, 'id'),
    state: optionalTextColumn(row, 'state'),
    updated: integerColumn(row, 'updated'),
  };
}
