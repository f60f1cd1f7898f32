import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import * as z from 'zod';
import { integerColumn, optionalTextColumn, textColumn, type Row } from './database.ts';

/** As the Durable API names them; Suspended is a flag beside these, Canceled and ContinuedAsNew do not occur here. */
export type InstanceStatus = 'Pending' | 'Running' | 'Completed' | 'Failed' | 'Terminated';

/** Where a sub-orchestration's end is reported. */
const parent = z.object({
  instanceId: z.string(),
  executionId: z.string(),
  name: z.string(),
  taskId: z.number(),
});
export type Parent = z.infer<typeof parent>;

/** One orchestration instance. Texts input, output and customStatus are JSON; times are epoch milliseconds. */
export interface Instance {
  id: string;
  executionId: string;
  name: string;
  version: string | null;
  status: InstanceStatus;
  suspended: boolean;
  input: string | null;
  output: string | null;
  customStatus: string | null;
  created: number;
  updated: number;
  parent: Parent | null;
}

export interface InstanceQuery {
  createdFrom?: number | undefined;
  createdTo?: number | undefined;
  /** Outward words, so `Suspended` counts as a status of its own. Empty means any. */
  statuses: readonly string[];
  idPrefix?: string | undefined;
  /** Only instances after this one, in order of creation. */
  after?: { created: number; id: string } | undefined;
  limit: number;
}

export function hasEnded(instance: Instance): boolean {
  return instance.status === 'Completed' || instance.status === 'Failed' || instance.status === 'Terminated';
}

export class InstanceTable {
  readonly #database: DatabaseSync;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = {
      find: database.prepare('SELECT * FROM instances WHERE id = ?'),
      put: database.prepare('INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      remove: database.prepare('DELETE FROM instances WHERE id = ?'),
    };
  }

  find(id: string): Instance | undefined {
    const row = this.#statements.find.get(id);
    return row === undefined ? undefined : instanceOf(row);
  }

  put(instance: Instance): void {
    const {
      id,
      executionId,
      name,
      version,
      status,
      suspended,
      input,
      output,
      customStatus,
      created,
      updated,
    } = instance;
    const parentText = instance.parent === null ? null : JSON.stringify(instance.parent);
    const state = [status, suspended ? 1 : 0, input, output, customStatus, created, updated];
    this.#statements.put.run(id, executionId, name, version, ...state, parentText);
  }

  remove(id: string): void {
    this.#statements.remove.run(id);
  }

  query(query: InstanceQuery): Instance[] {
    const conditions = ['1'];
    const values: SQLInputValue[] = [];
    const where = (condition: string, ...bound: SQLInputValue[]): void => {
      conditions.push(condition);
      values.push(...bound);
    };
    if (query.createdFrom !== undefined) where('created >= ?', query.createdFrom);
    if (query.createdTo !== undefined) where('created <= ?', query.createdTo);
    if (query.idPrefix !== undefined) where('substr(id, 1, length(?)) = ?', query.idPrefix, query.idPrefix);
    if (query.after !== undefined) where('(created, id) > (?, ?)', query.after.created, query.after.id);
    if (query.statuses.length > 0) {
      const marks = query.statuses.map(() => '?').join(', ');
      const outward =
        "CASE WHEN suspended AND status IN ('Pending', 'Running') THEN 'Suspended' ELSE status END";
      where(`${outward} COLLATE NOCASE IN (${marks})`, ...query.statuses);
    }
    const sql = `SELECT * FROM instances WHERE ${conditions.join(' AND ')} ORDER BY created, id LIMIT ?`;
    return this.#database
      .prepare(sql)
      .all(...values, query.limit)
      .map(instanceOf);
  }
}

const statuses: readonly InstanceStatus[] = ['Pending', 'Running', 'Completed', 'Failed', 'Terminated'];

function instanceOf(row: Row): Instance {
  const status = statuses.find((known) => known === row['status']);
  if (status === undefined) throw new TypeError(`unknown instance status ${String(row['status'])}`);
  const parentText = optionalTextColumn(row, 'parent');
  return {
    id: textColumn(row, 'id'),
    executionId: textColumn(row, 'execution_id'),
    name: textColumn(row, 'name'),
    version: optionalTextColumn(row, 'version'),
    status,
    suspended: integerColumn(row, 'suspended') === 1,
    input: optionalTextColumn(row, 'input'),
    output: optionalTextColumn(row, 'output'),
    customStatus: optionalTextColumn(row, 'custom_status'),
    created: integerColumn(row, 'created'),
    updated: integerColumn(row, 'updated'),
    parent: parentText === null ? null : parent.parse(JSON.parse(parentText)),
  };
}
