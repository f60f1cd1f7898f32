/** Records what an episode decided, all of it in one transaction. */
import type { EngineParts } from '../engine-parts.ts';
import { continueAsNew, endInstance, isoTime } from '../lifecycle.ts';
import { EventType, historyEvent } from '../replay/history.ts';
import { jsonText } from '../replay/allocation.ts';
import { hasEnded, type Instance } from '../store/instances.ts';
import type { Decision, Episode } from './decide.ts';
import { startTask } from './start-task.ts';

export function recordEpisode(parts: EngineParts, episode: Episode, decision: Decision): void {
  const { hub, clock } = parts;
  const now = clock.now();
  hub.write(() => {
    const current = hub.instances.find(episode.instance.id);
    // Terminated, purged or started anew while the code ran: its answer is void.
    if (current === undefined || hasEnded(current) || current.executionId !== episode.instance.executionId)
      return;
    for (const number of episode.consumed) hub.inbox.remove(number);
    hub.history.append(current.id, episode.fresh);
    if (decision.kind === 'break') {
      parts.log('error', `Orchestration '${current.id}' (${current.name}) failed: ${decision.message}`);
      const reason = `Orchestrator function '${current.name}' failed: ${decision.message}`;
      endInstance(hub, current, { status: 'Failed', reason, details: decision.message }, now);
      return;
    }
    proceed(parts, current, { decision, now });
  });
}

function proceed(
  parts: EngineParts,
  current: Instance,
  step: { decision: Decision & { kind: 'proceed' }; now: number },
): void {
  const { hub } = parts;
  const { decision, now } = step;
  const { result, walk, started } = decision;
  const timestamp = isoTime(now);
  for (const allocation of started) {
    hub.history.append(current.id, [startTask(hub, current, allocation, now)]);
  }
  for (const allocation of walk.allocations) {
    if (allocation.kind === 'timer' && allocation.cancelled) {
      hub.inbox.removeTimer(current.id, current.executionId, allocation.id);
    }
  }
  hub.history.append(current.id, [historyEvent({ EventType: EventType.OrchestratorCompleted }, timestamp)]);
  const customStatus =
    result.customStatus === undefined ? current.customStatus : jsonText(result.customStatus);
  const updated: Instance = { ...current, status: 'Running', customStatus, updated: now };
  if (!result.isDone && result.error === undefined) hub.instances.put(updated);
  else if (walk.finished && walk.openTasks === 0) close(parts, updated, { decision, now });
  else {
    hub.instances.put(updated);
    // As in Azure: "cancel your timers", or the instance shows Running until the last of them has fired.
    const message = `has ended its code but stays Running until what it started is over (${walk.openTasks} open tasks)`;
    parts.log('information', `Orchestration '${current.id}' (${current.name}) ${message}`);
  }
}

function close(
  { hub }: EngineParts,
  instance: Instance,
  step: { decision: Decision & { kind: 'proceed' }; now: number },
): void {
  const { result, walk } = step.decision;
  if (result.error !== undefined) {
    const reason = `Orchestrator function '${instance.name}' failed: ${result.error}`;
    endInstance(hub, instance, { status: 'Failed', reason, details: `Message: ${result.error}` }, step.now);
  } else if (walk.continueAsNew !== undefined) {
    const { carriedOver, continueAsNew: input } = walk;
    continueAsNew(hub, instance, { input, carriedOver, now: step.now });
  } else {
    endInstance(hub, instance, { status: 'Completed', output: jsonText(result.output) }, step.now);
  }
}
