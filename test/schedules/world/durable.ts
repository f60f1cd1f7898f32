/**
 * Durable orchestrations in memory, deterministic: an orchestrator is replayed from its history at every event, as the Durable
 * extension does, and must then do the same again. When events come and what becomes of activities is decided by the world.
 */
import assert from 'node:assert/strict';
import type { OrchestrationHandler } from 'durable-functions';
import type { Scheduled } from '../../../infra/local/clock/clock.ts';
import type { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { Action, Arrival, Episode } from './replay.ts';
import { replay } from './replay.ts';

/** An activity that shall run, or run again: delivery is at least once. */
export interface Work {
  instance: string;
  /** Counts the executions of an instance: the result of an older one is of no use to anybody. */
  execution: number;
  task: number;
  activity: string;
  input: unknown;
}

interface Instance {
  id: string;
  orchestrator: string;
  input: unknown;
  execution: number;
  episodes: Episode[];
  inbox: Arrival[];
  actions: Action[];
  timers: Map<number, Scheduled>;
  status: 'Running' | 'Completed' | 'Terminated';
  output: string;
}

export type Orchestrators = ReadonlyMap<string, OrchestrationHandler>;

export class DurableDouble {
  readonly #clock: SteppedClock;
  readonly #orchestrators: Orchestrators;
  readonly #instances = new Map<string, Instance>();
  #executions = 0;
  /** Activities that wait for a worker. */
  readonly work: Work[] = [];
  /** Events that nobody waited for survive `continueAsNew`, or do not: the platforms differ. */
  keepsEvents = true;

  constructor(clock: SteppedClock, orchestrators: Orchestrators) {
    this.#clock = clock;
    this.#orchestrators = orchestrators;
  }

  ids(): string[] {
    return [...this.#instances.keys()];
  }

  isRunning(id: string): boolean {
    return this.#instances.get(id)?.status === 'Running';
  }

  outputOf(id: string): string | undefined {
    const instance = this.#instances.get(id);
    return instance?.status === 'Completed' ? instance.output : undefined;
  }

  /** Starts an instance, or nudges the one that runs. */
  ensure(orchestrator: string, id: string, input: object): void {
    if (this.isRunning(id)) this.#arrive(id, { is: 'event' });
    else this.#begin(id, orchestrator, input);
  }

  /** An operator, or a bug, ends an orchestration. */
  terminate(id: string): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    this.#cancelTimers(instance);
    instance.status = 'Terminated';
  }

  /** The whole task hub is lost. Activities that workers hold already may still run. */
  forget(): void {
    for (const instance of this.#instances.values()) this.#cancelTimers(instance);
    this.#instances.clear();
  }

  /** A worker reports; what an older execution asked for, or what is known already, counts for nothing. */
  complete({ instance: id, execution, task }: Work, result: unknown): void {
    const instance = this.#instances.get(id);
    if (instance?.execution !== execution || instance.status !== 'Running') return;
    this.#arrive(id, { is: 'done', task, result: throughJson(result) });
  }

  /** Lets every orchestration that something has happened to go on. True when there was one. */
  advance(): boolean {
    const ready = [...this.#instances.values()].find(
      ({ inbox, status }) => status === 'Running' && inbox.length > 0,
    );
    if (ready !== undefined) this.#episode(ready);
    return ready !== undefined;
  }

  #begin(id: string, orchestrator: string, input: unknown, inbox: Arrival[] = []): void {
    this.#executions += 1;
    this.#instances.set(id, {
      id,
      orchestrator,
      input: throughJson(input),
      execution: this.#executions,
      episodes: [],
      inbox: [{ is: 'begun' }, ...inbox],
      actions: [],
      timers: new Map(),
      status: 'Running',
      output: '',
    });
  }

  #arrive(id: string, arrival: Arrival): void {
    this.#instances.get(id)?.inbox.push(arrival);
  }

  #episode(instance: Instance): void {
    const handler = this.#orchestrators.get(instance.orchestrator);
    assert.ok(handler, `orchestrator ${instance.orchestrator}`);
    const arrivals = instance.inbox.splice(0);
    instance.episodes.push({ at: new Date(this.#clock.now()).toISOString(), arrivals });
    const story = replay(handler, instance.input, instance.episodes);
    const known = instance.actions;
    assert.deepEqual(story.actions.slice(0, known.length), known, `${instance.id} replays as it ran`);
    instance.actions = story.actions;
    if (story.end === undefined) {
      story.actions.slice(known.length).forEach((action, index) => {
        this.#schedule(instance, action, known.length + index);
      });
      for (const task of story.cancelled) this.#cancel(instance, task);
      return;
    }
    this.#cancelTimers(instance);
    if (story.end.restartsWith === undefined) {
      instance.status = 'Completed';
      instance.output = story.end.output;
      return;
    }
    const kept: Arrival[] = this.keepsEvents
      ? Array.from({ length: story.unheardEvents }, () => ({ is: 'event' }))
      : [];
    this.#begin(instance.id, instance.orchestrator, story.end.restartsWith, kept);
  }

  #schedule({ id, execution, timers }: Instance, action: Action, task: number): void {
    if (action.is === 'activity') {
      this.work.push({ instance: id, execution, task, activity: action.name, input: action.input });
    } else if (action.is === 'timer') {
      const rings = this.#clock.schedule(Math.max(this.#clock.now() + 1, Date.parse(action.until)), () => {
        const instance = this.#instances.get(id);
        if (instance?.execution === execution) instance.inbox.push({ is: 'rang', task });
      });
      timers.set(task, rings);
    }
  }

  #cancel({ timers }: Instance, task: number): void {
    timers.get(task)?.cancel();
    timers.delete(task);
  }

  #cancelTimers({ timers }: Instance): void {
    for (const timer of timers.values()) timer.cancel();
    timers.clear();
  }
}

/** What crosses the history is JSON. */
function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
