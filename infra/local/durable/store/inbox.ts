import type { DatabaseSync } from 'node:sqlite';
import { EventType, parseHistoryEvent, type HistoryEvent } from '../replay/history.ts';
import { integerColumn, optionalTextColumn, textColumn } from './database.ts';

/** An event an orchestration instance has still to hear. */
export interface Message {
  instanceId: string;
  /** The execution it is meant for; null for external events, which whatever execution runs may take. */
  executionId: string | null;
  event: HistoryEvent;
  /** Epoch milliseconds from which it may be heard; absent: now. */
  due?: number;
  /** Set for TimerFired, so that cancelling the timer can take it back. */
  timerId?: number;
  /** To be heard before what is queued already. */
  ahead?: boolean;
}

export interface ReceivedMessage {
  number: number;
  executionId: string | null;
  event: HistoryEvent;
}

export class Inbox {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = {
      put: database.prepare(
        'INSERT INTO inbox (instance_id, execution_id, due, at, timer_id, event) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      due: database.prepare('SELECT * FROM inbox WHERE instance_id = ? AND due <= ? ORDER BY at, number'),
      remove: database.prepare('DELETE FROM inbox WHERE number = ?'),
      removeTimer: database.prepare(
        'DELETE FROM inbox WHERE instance_id = ? AND execution_id = ? AND timer_id = ?',
      ),
      clear: database.prepare('DELETE FROM inbox WHERE instance_id = ?'),
      instancesDue: database.prepare('SELECT DISTINCT instance_id FROM inbox WHERE due <= ?'),
      timersDue: database.prepare('SELECT DISTINCT instance_id FROM inbox WHERE due BETWEEN 1 AND ?'),
      nextDue: database.prepare('SELECT min(due) AS due FROM inbox WHERE due > ?'),
    };
  }

  put(message: Message): void {
    const { instanceId, executionId, event, due, timerId } = message;
    const at = order(message);
    this.#statements.put.run(instanceId, executionId, due ?? 0, at, timerId ?? null, JSON.stringify(event));
  }

  /** What the instance may hear at `now`, in the order it happened. */
  due(instanceId: string, now: number): ReceivedMessage[] {
    return this.#statements.due.all(instanceId, now).map((row) => ({
      number: integerColumn(row, 'number'),
      executionId: optionalTextColumn(row, 'execution_id'),
      event: parseHistoryEvent(textColumn(row, 'event')),
    }));
  }

  remove(number: number): void {
    this.#statements.remove.run(number);
  }

  removeTimer(instanceId: string, executionId: string, timerId: number): void {
    this.#statements.removeTimer.run(instanceId, executionId, timerId);
  }

  clear(instanceId: string): void {
    this.#statements.clear.run(instanceId);
  }

  /** Instances with anything to hear at `now`; with `timersOnly`, those a timer has become due for. */
  instancesDue(now: number, timersOnly: boolean): string[] {
    const statement = timersOnly ? this.#statements.timersDue : this.#statements.instancesDue;
    return statement.all(now).map((row) => textColumn(row, 'instance_id'));
  }

  /** When the next timer after `now` is due. */
  nextDue(now: number): number | undefined {
    const due = this.#statements.nextDue.get(now)?.['due'];
    return typeof due === 'number' ? due : undefined;
  }
}

/** An execution hears of its start first, then what its predecessor left to it, then all else as it happened. */
function order({ event, due, ahead }: Message): number {
  if (event.EventType === EventType.ExecutionStarted) return 0;
  return ahead === true ? 1 : (due ?? Date.parse(event.Timestamp));
}
