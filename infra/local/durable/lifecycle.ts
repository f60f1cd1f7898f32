/** The steps of an instance's life, each to be called inside one `hub.write`. Times are epoch milliseconds. */
import { randomUUID } from 'node:crypto';
import { EventType, historyEvent, type EventBody, type HistoryEvent } from './replay/history.ts';
import type { Instance, Parent } from './store/instances.ts';
import type { TaskHub } from './store/task-hub.ts';

export interface NewInstance {
  id: string;
  name: string;
  version: string | null;
  /** JSON text, or null for none. */
  input: string | null;
  parent: Parent | null;
}

/** Starts an instance; one that ended under the same id is replaced. */
export function createInstance(hub: TaskHub, start: NewInstance, now: number): void {
  forget(hub, start.id);
  const times = { created: now, updated: now };
  const state = { status: 'Pending', suspended: false, output: null, customStatus: null } as const;
  const instance: Instance = { ...start, ...state, ...times, executionId: newExecutionId() };
  hub.instances.put(instance);
  deliverStart(hub, instance, now);
}

/** Removes every trace of an instance. */
export function forget(hub: TaskHub, id: string): void {
  hub.history.clear(id);
  hub.inbox.clear(id);
  hub.tasks.clear(id);
  hub.instances.remove(id);
}

/** Begins the next execution of the same instance; `carriedOver` are external events it is owed. */
export function continueAsNew(
  hub: TaskHub,
  instance: Instance,
  next: { input: string; carriedOver: HistoryEvent[]; now: number },
): void {
  const renewed: Instance = {
    ...instance,
    executionId: newExecutionId(),
    input: next.input,
    updated: next.now,
  };
  hub.instances.put(renewed);
  hub.history.clear(instance.id);
  hub.tasks.clear(instance.id);
  for (const event of next.carriedOver) {
    hub.deliver({
      instanceId: instance.id,
      executionId: null,
      event: { ...event, IsPlayed: false },
      ahead: true,
    });
  }
  deliverStart(hub, renewed, next.now);
}

/** How an instance ended. `output` is JSON text; `details` is what a parent's error shows below the reason. */
export type Ending =
  | { status: 'Completed'; output: string }
  | { status: 'Failed' | 'Terminated'; reason: string; details: string };

/** Ends an instance and tells its parent. */
export function endInstance(hub: TaskHub, instance: Instance, ending: Ending, now: number): void {
  const { id, parent } = instance;
  const output = ending.status === 'Completed' ? ending.output : JSON.stringify(ending.reason);
  hub.instances.put({ ...instance, status: ending.status, suspended: false, output, updated: now });
  hub.history.append(id, [historyEvent(endEvent(ending.status, output), isoTime(now))]);
  hub.inbox.clear(id);
  hub.tasks.clear(id);
  hub.signal({ kind: 'ended', id });
  if (parent === null || hub.instances.find(parent.instanceId)?.executionId !== parent.executionId) return;
  const event = historyEvent(reportToParent(ending, parent.taskId), isoTime(now));
  hub.deliver({ instanceId: parent.instanceId, executionId: parent.executionId, event });
}

/** Stops hearing anything until `resume`; messages wait. */
export function suspend(hub: TaskHub, instance: Instance, reason: string, now: number): void {
  hub.instances.put({ ...instance, suspended: true, updated: now });
  hub.history.append(instance.id, [
    historyEvent({ EventType: EventType.ExecutionSuspended, Reason: reason }, isoTime(now)),
  ]);
}

export function resume(hub: TaskHub, instance: Instance, reason: string, now: number): void {
  hub.instances.put({ ...instance, suspended: false, updated: now });
  hub.history.append(instance.id, [
    historyEvent({ EventType: EventType.ExecutionResumed, Reason: reason }, isoTime(now)),
  ]);
  hub.signal({ kind: 'instance', id: instance.id });
}

/** Queues an external event; `input` is JSON text or null for an event without data. */
export function raiseEvent(
  hub: TaskHub,
  instanceId: string,
  event: { name: string; input: string | null },
  now: number,
): void {
  const body = { EventType: EventType.EventRaised, Name: event.name, Input: event.input };
  hub.deliver({ instanceId, executionId: null, event: historyEvent(body, isoTime(now)) });
}

export function isoTime(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}

function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}

function deliverStart(hub: TaskHub, instance: Instance, now: number): void {
  const { id, executionId, parent } = instance;
  const body: EventBody = {
    EventType: EventType.ExecutionStarted,
    Name: instance.name,
    Version: instance.version,
    Input: instance.input,
    OrchestrationInstance: { InstanceId: id, ExecutionId: executionId },
    ParentInstance:
      parent === null
        ? null
        : {
            Name: parent.name,
            OrchestrationInstance: { InstanceId: parent.instanceId, ExecutionId: parent.executionId },
            TaskScheduleId: parent.taskId,
          },
  };
  hub.deliver({ instanceId: id, executionId, event: historyEvent(body, isoTime(now)) });
}

function endEvent(status: Ending['status'], output: string): EventBody {
  if (status === 'Terminated') return { EventType: EventType.ExecutionTerminated, Input: output };
  return { EventType: EventType.ExecutionCompleted, OrchestrationStatus: status, Result: output };
}

function reportToParent(ending: Ending, taskId: number): EventBody {
  if (ending.status === 'Completed') {
    return {
      EventType: EventType.SubOrchestrationInstanceCompleted,
      TaskScheduledId: taskId,
      Result: ending.output,
    };
  }
  const { reason, details } = ending;
  return {
    EventType: EventType.SubOrchestrationInstanceFailed,
    TaskScheduledId: taskId,
    Reason: reason,
    Details: details,
  };
}
