import type { DatabaseSync } from 'node:sqlite';
import type { HistoryEvent } from '../replay/history.ts';
import { textColumn } from './database.ts';

/** The events of each instance's present execution, in order. */
export class HistoryTable {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = {
      list: database.prepare('SELECT event FROM history WHERE instance_id = ? ORDER BY number'),
      append: database.prepare(
        'INSERT INTO history SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM history WHERE instance_id = ?1',
      ),
      clear: database.prepare('DELETE FROM history WHERE instance_id = ?'),
    };
  }

  /** JSON texts, ready to be joined into the orchestrator's payload. */
  list(instanceId: string): string[] {
    return this.#statements.list.all(instanceId).map((row) => textColumn(row, 'event'));
  }

  append(instanceId: string, events: readonly HistoryEvent[]): void {
    for (const event of events)
      this.#statements.append.run(instanceId, JSON.stringify({ ...event, IsPlayed: true }));
  }

  clear(instanceId: string): void {
    this.#statements.clear.run(instanceId);
  }
}
