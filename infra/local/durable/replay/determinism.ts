/** Does this run of the orchestrator agree with its own history, and with the SDK's count of task ids? */
import { EventType, type HistoryEvent } from './history.ts';
import type { Allocation } from './allocation.ts';
import type { Walk } from './simulator.ts';

/** Why a replay went wrong, in words for the author of the orchestrator; undefined when it agrees. */
export function disagreement(
  walk: Walk,
  history: readonly HistoryEvent[],
  sdk: { count: number | undefined; ended: boolean },
): string | undefined {
  return historyDisagreement(walk.allocations, history) ?? countDisagreement(walk, sdk);
}

const remedy =
  'An orchestrator must do the same thing on every replay: no clock (use context.df.currentUtcDateTime), no random numbers, no I/O, ' +
  'no environment; never put a task that was already yielded into a second Task.any or Task.all; let no task inside Task.all reject; ' +
  'do not cancel a timer while a retried task or a timer of more than six days is under way; do not use retryTimeout. ' +
  'Such code breaks in Azure too, there without this message.';

function historyDisagreement(
  allocations: readonly Allocation[],
  history: readonly HistoryEvent[],
): string | undefined {
  for (const event of history) {
    const recorded = recordedTask(event);
    if (recorded === undefined) continue;
    const allocation = allocations[event.EventId];
    const replayed = allocation === undefined ? 'nothing' : describe(allocation);
    if (replayed !== recorded) {
      return `Non-deterministic orchestrator: task ${event.EventId} was ${recorded} and is now ${replayed}. ${remedy}`;
    }
  }
  return undefined;
}

function countDisagreement(
  walk: Walk,
  sdk: { count: number | undefined; ended: boolean },
): string | undefined {
  if (sdk.count === undefined) return undefined;
  const host = walk.allocations.length;
  // Code that has ended hears no later events, so the SDK stopped counting somewhere after the last action was started.
  if (sdk.ended ? walk.countsAtEnd.has(sdk.count) : sdk.count === host) return undefined;
  return (
    `Task ids disagree: the orchestrator has started ${sdk.count} tasks by its own count, its host counts ${host}, ` +
    `so a result would reach the wrong task. ${remedy}`
  );
}

function recordedTask(event: HistoryEvent): string | undefined {
  switch (event.EventType) {
    case EventType.TaskScheduled:
      return `a call of activity ${event.Name}`;
    case EventType.SubOrchestrationInstanceCreated:
      return `a call of orchestrator ${event.Name}`;
    case EventType.TimerCreated:
      return 'a timer';
    case EventType.EventSent:
      return `an operation of entity ${event.InstanceId}`;
    default:
      return undefined;
  }
}

function describe(allocation: Allocation): string {
  switch (allocation.kind) {
    case 'activity':
      return `a call of activity ${allocation.name}`;
    case 'subOrchestration':
      return `a call of orchestrator ${allocation.name}`;
    case 'timer':
      return 'a timer';
    case 'entityCall':
    case 'entitySignal':
      return `an operation of entity ${allocation.entityId}`;
    case 'unsupported':
      return allocation.what;
  }
}

/**
 * The SDK's own count of task ids. It is private to the SDK and read here only to compare; undefined when this SDK has
 * none, and then the check is left out.
 */
export function sdkTaskCount(context: unknown): number | undefined {
  const count = property(property(property(context, 'df'), 'taskOrchestratorExecutor'), 'sequenceNumber');
  return typeof count === 'number' ? count : undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
