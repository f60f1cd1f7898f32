import * as z from 'zod';
import { durableFunction, missingFunction, type EngineParts } from '../engine-parts.ts';
import { endInstance, isoTime } from '../lifecycle.ts';
import { EventType, historyEvent, type EventBody, type FailureDetails } from '../replay/history.ts';
import type { ActivityTask } from '../store/activity-tasks.ts';
import { NotJson, resultJson } from '../typed-data.ts';

/** Runs one activity call and queues its result. Killed half-way it runs again: at least once. */
export async function runActivity(parts: EngineParts, number: number): Promise<void> {
  const { hub, clock } = parts;
  const task = hub.tasks.find(number);
  if (task === undefined) return;
  const outcome = await perform(parts, task);
  if (!hub.isOpen) return;
  const now = clock.now();
  hub.write(() => {
    // The instance was terminated or purged meanwhile: nobody waits for the result.
    if (hub.tasks.find(number) === undefined) return;
    hub.tasks.remove(number);
    const { instanceId, executionId } = task;
    if ('fault' in outcome) failInstance(parts, task, { fault: outcome.fault, now });
    else hub.deliver({ instanceId, executionId, event: historyEvent(outcome.event, isoTime(now)) });
  });
}

type Outcome = { event: EventBody } | { fault: string };

async function perform({ invoker }: EngineParts, task: ActivityTask): Promise<Outcome> {
  const activity = durableFunction(invoker, 'activityTrigger', task.name);
  if (activity === undefined) return { fault: missingFunction(invoker, 'activityTrigger', task.name) };
  const invocation = await invoker.invoke(activity.name, {
    trigger: { string: task.input },
    triggerMetadata: { instanceId: { string: task.instanceId } },
    reason: `activity of orchestration '${task.instanceId}'`,
  });
  if (invocation.outcome === 'failed') return { event: failure(task, invocation.error) };
  try {
    const result = resultJson(invocation.returnValue);
    return { event: { EventType: EventType.TaskCompleted, TaskScheduledId: task.taskId, Result: result } };
  } catch (error) {
    if (error instanceof NotJson) return { fault: `Activity function '${task.name}' ${error.message}.` };
    throw error;
  }
}

function failInstance(
  parts: EngineParts,
  task: ActivityTask,
  { fault, now }: { fault: string; now: number },
): void {
  const instance = parts.hub.instances.find(task.instanceId);
  if (instance?.executionId !== task.executionId) return;
  parts.log('error', `Orchestration '${instance.id}' (${instance.name}) failed: ${fault}`);
  const reason = `Orchestrator function '${instance.name}' failed: ${fault}`;
  endInstance(parts.hub, instance, { status: 'Failed', reason, details: fault }, now);
}

function failure(task: ActivityTask, error: unknown): EventBody {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const details = liftedDetails(thrown.message);
  const message = details?.ErrorMessage ?? thrown.message;
  const event = {
    EventType: EventType.TaskFailed,
    TaskScheduledId: task.taskId,
    Reason: `Activity function '${task.name}' failed: ${message}`,
    Details: thrown.stack ?? thrown.message,
  };
  return details === undefined ? event : { ...event, FailureDetails: details };
}

/** What `df.app.setExceptionPropertiesProvider` packs into the thrown error's message. */
const packedFailure = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  isNonRetriable: z.boolean(),
  properties: z.record(z.string(), z.unknown()).optional(),
  stackTrace: z.string().optional(),
});

function liftedDetails(message: string): FailureDetails | undefined {
  if (!message.startsWith('{')) return undefined;
  let packed: z.infer<typeof packedFailure>;
  try {
    packed = packedFailure.parse(JSON.parse(message));
  } catch {
    // An ordinary message that happens to begin with a brace.
    return undefined;
  }
  return {
    ErrorType: packed.errorType,
    ErrorMessage: packed.errorMessage,
    IsNonRetriable: packed.isNonRetriable,
    ...(packed.properties === undefined ? {} : { Properties: packed.properties }),
    ...(packed.stackTrace === undefined ? {} : { StackTrace: packed.stackTrace }),
  };
}
