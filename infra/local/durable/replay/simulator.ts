/**
 * Walks an orchestrator's action list over its history as the .NET host does, to learn which task ids the SDK has given
 * out: ids travel neither in the actions nor in the answer, host and SDK each count and must agree. Nothing is kept
 * between episodes. Semantics follow OutOfProcOrchestrationShim and DurableTask.Core's TaskOrchestrationContext: actions
 * are awaited one after the other, WhenAll waits for every child, a cancelled timer counts as over from the start.
 */
import { EventType, type HistoryEvent } from './history.ts';
import { ActionType, type Action, type RetryOptions } from './orchestrator-result.ts';
import { jsonText, quotedInput, type Allocation, type Request } from './allocation.ts';
import { ExternalEvents } from './external-events.ts';
import { nextLap } from './long-timers.ts';
import { retryAt } from './retry-delay.ts';
import { SimulatedTask, allOf, anyOf } from './simulated-task.ts';

/** What the walk found. */
export interface Walk {
  /** Index is the task id. */
  allocations: readonly Allocation[];
  /** Every action was started and its wait is over. */
  finished: boolean;
  /** Activities, timers and sub-orchestrations started but not over: the host keeps the instance Running for them. */
  openTasks: number;
  /** Id counts that held after an event from which on every action had been started. */
  countsAtEnd: ReadonlySet<number>;
  /** JSON text of the next execution's input, when the orchestration continues as new. */
  continueAsNew: string | undefined;
  /** External events that came after continueAsNew was called: they belong to the next execution. */
  carriedOver: HistoryEvent[];
}

export function walk(actions: readonly Action[], history: readonly HistoryEvent[]): Walk {
  const simulator = new Simulator(actions);
  for (const event of history) simulator.play(event);
  return simulator.result();
}

class Simulator {
  readonly #actions: readonly Action[];
  readonly #allocations: Allocation[] = [];
  readonly #open = new Map<number, SimulatedTask>();
  readonly #entityCalls = new Map<number, SimulatedTask>();
  readonly #entityReplies = new Map<string, SimulatedTask>();
  readonly #events = new ExternalEvents();
  readonly #countsAtEnd = new Set<number>();
  readonly #carriedOver: HistoryEvent[] = [];
  #continueAsNew: string | undefined;
  #position = 0;
  #awaited = SimulatedTask.done();
  #now = 0;

  constructor(actions: readonly Action[]) {
    this.#actions = actions;
  }

  result(): Walk {
    return {
      allocations: this.#allocations,
      finished: this.#position === this.#actions.length && this.#awaited.settled,
      openTasks: this.#open.size,
      countsAtEnd: this.#countsAtEnd,
      continueAsNew: this.#continueAsNew,
      carriedOver: this.#carriedOver,
    };
  }

  play(event: HistoryEvent): void {
    switch (event.EventType) {
      case EventType.OrchestratorStarted:
        this.#now = Math.max(this.#now, Date.parse(event.Timestamp));
        return;
      case EventType.ExecutionStarted:
        break;
      case EventType.EventSent:
        this.#expectReply(event.EventId, event.Input);
        return;
      case EventType.EventRaised:
        this.#raise(event);
        break;
      case EventType.TimerFired:
        this.#close(event.TimerId, false);
        break;
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted:
        this.#close(event.TaskScheduledId, false);
        break;
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed:
        this.#close(event.TaskScheduledId, true);
        break;
      default:
        return;
    }
    this.#advance();
    if (this.#position === this.#actions.length) this.#countsAtEnd.add(this.#allocations.length);
  }

  #advance(): void {
    while (this.#awaited.settled) {
      const action = this.#actions[this.#position];
      if (action === undefined) return;
      this.#position += 1;
      this.#awaited = this.#start(action);
    }
  }

  #close(id: number, failed: boolean): void {
    const task = this.#open.get(id);
    // Nobody is open for a cancelled timer that fired all the same.
    if (task === undefined) return;
    this.#open.delete(id);
    task.settle(failed);
  }

  /** The SDK waits for an entity's answer by the id inside the request message. */
  #expectReply(id: number, request: string): void {
    const task = this.#entityCalls.get(id);
    if (task === undefined) return;
    const message: unknown = JSON.parse(request);
    if (
      typeof message === 'object' &&
      message !== null &&
      'id' in message &&
      typeof message.id === 'string'
    ) {
      this.#entityReplies.set(message.id, task);
    }
  }

  #raise(event: HistoryEvent & { Name: string }): void {
    const reply = this.#entityReplies.get(event.Name);
    if (reply !== undefined) reply.settle(false);
    else if (this.#continueAsNew !== undefined) this.#carriedOver.push(event);
    else this.#events.raise(event.Name);
  }

  #start(action: Action): SimulatedTask {
    switch (action.actionType) {
      case ActionType.CallActivity:
        return this.#begin(activity(action));
      case ActionType.CallActivityWithRetry:
        return this.#retry(activity(action), action.retryOptions);
      case ActionType.CallSubOrchestrator:
        return this.#begin(subOrchestration(action));
      case ActionType.CallSubOrchestratorWithRetry:
        return this.#retry(subOrchestration(action), action.retryOptions);
      case ActionType.ContinueAsNew:
        this.#continueAsNew = quotedInput(action.input);
        return SimulatedTask.done();
      case ActionType.CreateTimer:
        return action.isCanceled ? this.#cancelledTimer(action.fireAt) : this.#timer(action.fireAt);
      case ActionType.WaitForExternalEvent:
        return this.#events.waitFor(action.externalEventName);
      case ActionType.CallEntity:
        return this.#callEntity(action);
      case ActionType.SignalEntity:
        this.#allocate(entityOperation('entitySignal', action));
        return SimulatedTask.done();
      case ActionType.WhenAny:
        return anyOf(action.compoundActions.map((child) => this.#start(child)));
      case ActionType.WhenAll:
        return allOf(action.compoundActions.map((child) => this.#start(child)));
      case ActionType.CallHttp:
        return this.#begin({ kind: 'unsupported', what: 'callHttp' });
      case ActionType.LockEntities:
      case ActionType.ReleaseEntities:
        return this.#begin({ kind: 'unsupported', what: 'entity locks' });
    }
  }

  #allocate(request: Request): number {
    const id = this.#allocations.length;
    this.#allocations.push({ id, ...request });
    return id;
  }

  #begin(request: Request): SimulatedTask {
    const task = new SimulatedTask();
    this.#open.set(this.#allocate(request), task);
    return task;
  }

  #callEntity(action: Parameters<typeof entityOperation>[1]): SimulatedTask {
    const task = new SimulatedTask();
    this.#entityCalls.set(this.#allocate(entityOperation('entityCall', action)), task);
    return task;
  }

  #cancelledTimer(fireAt: string): SimulatedTask {
    this.#allocate({
      kind: 'timer',
      fireAt: isoTime(nextLap(Date.parse(fireAt), this.#now)),
      cancelled: true,
    });
    return SimulatedTask.done();
  }

  #timer(fireAt: string): SimulatedTask {
    const whole = new SimulatedTask();
    const end = Date.parse(fireAt);
    const lap = (): void => {
      this.#timerUntil(nextLap(end, this.#now)).whenSettled(() => {
        if (this.#now < end) lap();
        else whole.settle(false);
      });
    };
    lap();
    return whole;
  }

  #timerUntil(at: number): SimulatedTask {
    return this.#begin({ kind: 'timer', fireAt: isoTime(at), cancelled: false });
  }

  #retry(request: Request, options: RetryOptions): SimulatedTask {
    const whole = new SimulatedTask();
    const firstAttempt = this.#now;
    const attempt = (number: number): void => {
      this.#begin(request).whenSettled((failed) => {
        if (!failed) {
          whole.settle(false);
          return;
        }
        const at = retryAt(options, number, { firstAttempt, now: this.#now });
        if (at === undefined) {
          whole.settle(true);
          return;
        }
        this.#timerUntil(at).whenSettled(() => {
          if (number >= options.maxNumberOfAttempts) whole.settle(true);
          else attempt(number + 1);
        });
      });
    };
    attempt(1);
    return whole;
  }
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function activity(action: { functionName: string; input?: unknown }): Request {
  return { kind: 'activity', name: action.functionName, input: quotedInput(action.input) };
}

function subOrchestration(action: {
  functionName: string;
  instanceId?: string | null | undefined;
  version?: string | null | undefined;
  input?: unknown;
}): Request {
  const { functionName, instanceId, version, input } = action;
  // The host takes an empty id for none and makes one up.
  const given = instanceId === '' ? undefined : (instanceId ?? undefined);
  return {
    kind: 'subOrchestration',
    name: functionName,
    instanceId: given,
    version: version ?? null,
    input: jsonText(input),
  };
}

function entityOperation(
  kind: 'entityCall' | 'entitySignal',
  action: { instanceId: string; operation: string; input?: unknown },
): Request {
  const input = action.input === undefined ? undefined : jsonText(action.input);
  return { kind, entityId: action.instanceId, operation: action.operation, input };
}
