import { randomUUID } from 'node:crypto';
import { createInstance, isoTime } from '../lifecycle.ts';
import type { Allocation } from '../replay/allocation.ts';
import { EventType, historyEvent, type EventBody, type HistoryEvent } from '../replay/history.ts';
import { hasEnded, type Instance } from '../store/instances.ts';
import type { TaskHub } from '../store/task-hub.ts';

type Started<Kind extends Allocation['kind']> = Allocation & { kind: Kind };

/** Inside `hub.write`: sets the task going and returns the history event that says so. */
export function startTask(
  hub: TaskHub,
  instance: Instance,
  allocation: Allocation,
  now: number,
): HistoryEvent {
  return historyEvent(begin(hub, instance, allocation, now), isoTime(now), allocation.id);
}

function begin(hub: TaskHub, instance: Instance, allocation: Allocation, now: number): EventBody {
  switch (allocation.kind) {
    case 'activity':
      return beginActivity(hub, instance, allocation);
    case 'timer':
      return beginTimer(hub, instance, allocation);
    case 'subOrchestration':
      return beginSubOrchestration(hub, instance, allocation, now);
    case 'entityCall':
    case 'entitySignal':
      return sendToEntity(hub, instance, allocation);
    case 'unsupported':
      throw new Error(`refused earlier: ${allocation.what}`);
  }
}

function beginActivity(
  hub: TaskHub,
  instance: Instance,
  { id, name, input }: Started<'activity'>,
): EventBody {
  hub.schedule({ instanceId: instance.id, executionId: instance.executionId, taskId: id, name, input });
  return { EventType: EventType.TaskScheduled, Name: name, Input: `[${input}]` };
}

function beginTimer(
  hub: TaskHub,
  instance: Instance,
  { id, fireAt, cancelled }: Started<'timer'>,
): EventBody {
  if (!cancelled) {
    const event = historyEvent({ EventType: EventType.TimerFired, TimerId: id, FireAt: fireAt }, fireAt);
    const { id: instanceId, executionId } = instance;
    hub.deliver({ instanceId, executionId, event, due: Date.parse(fireAt), timerId: id });
  }
  return { EventType: EventType.TimerCreated, FireAt: fireAt };
}

function beginSubOrchestration(
  hub: TaskHub,
  instance: Instance,
  { id: taskId, name, version, input, instanceId }: Started<'subOrchestration'>,
  now: number,
): EventBody {
  const { id, executionId } = instance;
  const childId = instanceId ?? `${executionId}:${taskId}`;
  const living = hub.instances.find(childId);
  if (living !== undefined && !hasEnded(living)) {
    // Azure drops the start silently and the parent waits for ever.
    const reason = `An orchestration instance with the id '${childId}' is already running.`;
    const failed = {
      EventType: EventType.SubOrchestrationInstanceFailed,
      TaskScheduledId: taskId,
      Reason: reason,
      Details: reason,
    };
    hub.deliver({ instanceId: id, executionId, event: historyEvent(failed, isoTime(now)) });
  } else {
    const parent = { instanceId: id, executionId, name: instance.name, taskId };
    createInstance(hub, { id: childId, name, version, input, parent }, now);
  }
  return {
    EventType: EventType.SubOrchestrationInstanceCreated,
    Name: name,
    InstanceId: childId,
    Input: input,
  };
}

function sendToEntity(
  hub: TaskHub,
  instance: Instance,
  { kind, entityId, operation, input }: Started<'entityCall' | 'entitySignal'>,
): EventBody {
  const requestId = randomUUID();
  const { id: instanceId, executionId } = instance;
  const isSignal = kind === 'entitySignal';
  const replyTo = isSignal ? null : { instanceId, executionId, requestId };
  hub.send({ entityId, operation, input: input ?? null, replyTo });
  const request = {
    op: operation,
    signal: isSignal || undefined,
    input,
    id: requestId,
    parent: instanceId,
    parentExecution: executionId,
  };
  return { EventType: EventType.EventSent, InstanceId: entityId, Name: 'op', Input: JSON.stringify(request) };
}
