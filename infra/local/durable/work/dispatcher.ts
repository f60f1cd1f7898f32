import type { EngineParts } from '../engine-parts.ts';
import type { Signal } from '../store/task-hub.ts';
import { runActivity } from './activity.ts';
import { Alarm } from './alarm.ts';
import { runEntityBatch } from './entity-batch.ts';
import { runEpisode } from './episode.ts';
import { Lane } from './lane.ts';

interface Limits {
  maxConcurrentActivities: number;
  maxConcurrentOrchestrations: number;
}

/** Decides what runs now: hears the hub's signals, wakes for timers, keeps the concurrency limits. */
export class Dispatcher {
  readonly #parts: EngineParts;
  readonly #episodes: Lane<string>;
  readonly #activities: Lane<number>;
  readonly #entities: Lane<string>;
  readonly #timers: Alarm;
  readonly #whenEnded = new Map<string, Set<() => void>>();

  constructor(parts: EngineParts, limits: Limits) {
    this.#parts = parts;
    const lane = <Key>(
      what: string,
      limit: number,
      run: (parts: EngineParts, key: Key) => Promise<void>,
    ): Lane<Key> =>
      new Lane({
        limit,
        run: (key) => run(parts, key),
        onError: (key, error) =>
          parts.log('error', `Durable engine fault in ${what} ${String(key)}: ${faultText(error)}`),
      });
    this.#episodes = lane('orchestration', limits.maxConcurrentOrchestrations, runEpisode);
    this.#activities = lane('activity call', limits.maxConcurrentActivities, runActivity);
    // The host's entity limit defaults to that of orchestrations.
    this.#entities = lane('entity', limits.maxConcurrentOrchestrations, runEntityBatch);
    this.#timers = new Alarm({ clock: parts.clock, ring: (now) => this.#ring(now) });
    parts.hub.onSignal((signal) => this.#hear(signal));
  }

  /** Takes up whatever the hub holds: there is no difference between a restart and a start. */
  start(): void {
    const { hub, clock } = this.#parts;
    const now = clock.now();
    for (const id of hub.inbox.instancesDue(now, false)) this.#episodes.add(id);
    for (const number of hub.tasks.numbers()) this.#activities.add(number);
    for (const id of hub.entities.withOperations()) this.#entities.add(id);
    const next = hub.inbox.nextDue(now);
    if (next !== undefined) this.#timers.set(next);
    for (const lane of this.#lanes()) lane.open();
  }

  get idle(): boolean {
    return !this.#timers.overdue && this.#lanes().every((lane) => lane.idle);
  }

  /** Starts nothing more and keeps nobody waiting for an end; resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.#timers.stop();
    for (const listeners of this.#whenEnded.values()) for (const listener of listeners) listener();
    await Promise.all(this.#lanes().map((lane) => lane.drain()));
  }

  /** Calls `listener` when the instance ends, or the engine stops. Returns how to stop listening. */
  whenEnded(instanceId: string, listener: () => void): () => void {
    const listeners = this.#whenEnded.get(instanceId) ?? new Set();
    this.#whenEnded.set(instanceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#whenEnded.delete(instanceId);
    };
  }

  #lanes(): readonly { idle: boolean; open(): void; drain(): Promise<void> }[] {
    return [this.#episodes, this.#activities, this.#entities];
  }

  #hear(signal: Signal): void {
    switch (signal.kind) {
      case 'instance': {
        this.#episodes.add(signal.id);
        return;
      }
      case 'timer':
        if (signal.due <= this.#parts.clock.now()) this.#episodes.add(signal.instanceId);
        else this.#timers.set(signal.due);
        return;
      case 'activity': {
        this.#activities.add(signal.number);
        return;
      }
      case 'entity': {
        this.#entities.add(signal.id);
        return;
      }
      case 'ended':
        for (const listener of this.#whenEnded.get(signal.id) ?? []) listener();
    }
  }

  #ring(now: number): number | undefined {
    const { hub } = this.#parts;
    for (const id of hub.inbox.instancesDue(now, true)) this.#episodes.add(id);
    return hub.inbox.nextDue(now);
  }
}

function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
