import type { DatabaseSync } from 'node:sqlite';
import { ActivityTaskTable, type ActivityTask } from './activity-tasks.ts';
import { openDatabase, transaction } from './database.ts';
import { EntityTable, type EntityOperation } from './entities.ts';
import { HistoryTable } from './history-table.ts';
import { Inbox, type Message } from './inbox.ts';
import { InstanceTable } from './instances.ts';
import { takeOwnership, type Ownership } from './ownership.ts';

/** Work that a committed transaction left behind, for whoever runs it. */
export type Signal =
  | { kind: 'instance'; id: string }
  | { kind: 'timer'; instanceId: string; due: number }
  | { kind: 'activity'; number: number }
  | { kind: 'entity'; id: string }
  | { kind: 'ended'; id: string };

/** Everything durable, in one SQLite file. All writing goes through `write`, one transaction each. */
export class TaskHub {
  readonly instances: InstanceTable;
  readonly history: HistoryTable;
  readonly inbox: Inbox;
  readonly tasks: ActivityTaskTable;
  readonly entities: EntityTable;
  readonly #database: DatabaseSync;
  readonly #ownership: Ownership;
  #signals: Signal[] = [];
  #listener: (signal: Signal) => void = () => undefined;

  /** Throws TaskHubInUse when another engine holds the file. */
  constructor(file: string) {
    this.#ownership = takeOwnership(file);
    this.#database = openDatabase(file);
    this.instances = new InstanceTable(this.#database);
    this.history = new HistoryTable(this.#database);
    this.inbox = new Inbox(this.#database);
    this.tasks = new ActivityTaskTable(this.#database);
    this.entities = new EntityTable(this.#database);
  }

  /** False once closed: whatever was cut off must not try to record itself. */
  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  onSignal(listener: (signal: Signal) => void): void {
    this.#listener = listener;
  }

  /** One transaction; what it leaves to do is signalled once it is safely committed. */
  write<Result>(body: () => Result): Result {
    this.#signals = [];
    const result = transaction(this.#database, body);
    for (const signal of this.#signals) this.#listener(signal);
    return result;
  }

  /** Inside `write`: queues an event for an instance. */
  deliver(message: Message): void {
    this.inbox.put(message);
    const { instanceId, due } = message;
    this.signal(
      due === undefined ? { kind: 'instance', id: instanceId } : { kind: 'timer', instanceId, due },
    );
  }

  /** Inside `write`: queues an activity call. */
  schedule(task: Omit<ActivityTask, 'number'>): void {
    this.signal({ kind: 'activity', number: this.tasks.put(task) });
  }

  /** Inside `write`: queues an entity operation. */
  send(operation: EntityOperation): void {
    this.entities.send(operation);
    this.signal({ kind: 'entity', id: operation.entityId });
  }

  /** Inside `write`: raised after the commit. */
  signal(signal: Signal): void {
    this.#signals.push(signal);
  }

  close(): void {
    this.#database.close();
    this.#ownership.release();
  }
}
