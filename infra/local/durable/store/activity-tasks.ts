import type { DatabaseSync } from 'node:sqlite';
import { integerColumn, textColumn, type Row } from './database.ts';

/** One activity call that has no result yet. `input` is JSON text. */
export interface ActivityTask {
  number: number;
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  input: string;
}

export class ActivityTaskTable {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = {
      put: database.prepare(
        'INSERT INTO tasks (instance_id, execution_id, task_id, name, input) VALUES (?, ?, ?, ?, ?)',
      ),
      find: database.prepare('SELECT * FROM tasks WHERE number = ?'),
      remove: database.prepare('DELETE FROM tasks WHERE number = ?'),
      clear: database.prepare('DELETE FROM tasks WHERE instance_id = ?'),
      numbers: database.prepare('SELECT number FROM tasks ORDER BY number'),
    };
  }

  /** Returns the task's number. */
  put(task: Omit<ActivityTask, 'number'>): number {
    const { instanceId, executionId, taskId, name, input } = task;
    return Number(this.#statements.put.run(instanceId, executionId, taskId, name, input).lastInsertRowid);
  }

  find(number: number): ActivityTask | undefined {
    const row = this.#statements.find.get(number);
    return row === undefined ? undefined : taskOf(row);
  }

  remove(number: number): void {
    this.#statements.remove.run(number);
  }

  clear(instanceId: string): void {
    this.#statements.clear.run(instanceId);
  }

  numbers(): number[] {
    return this.#statements.numbers.all().map((row) => integerColumn(row, 'number'));
  }
}

function taskOf(row: Row): ActivityTask {
  return {
    number: integerColumn(row, 'number'),
    instanceId: textColumn(row, 'instance_id'),
    executionId: textColumn(row, 'execution_id'),
    taskId: integerColumn(row, 'task_id'),
    name: textColumn(row, 'name'),
    input: textColumn(row, 'input'),
  };
}
