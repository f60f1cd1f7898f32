/** One episode: an orchestration hears what is due, its code runs once over the whole history, and answers what it wants. */
import { durableFunction, missingFunction, type EngineParts } from '../engine-parts.ts';
import { isoTime } from '../lifecycle.ts';
import type { Allocation } from '../replay/allocation.ts';
import { disagreement, sdkTaskCount } from '../replay/determinism.ts';
import { EventType, historyEvent, parseHistoryEvent, type HistoryEvent } from '../replay/history.ts';
import { longTimerInterval, maximumShortTimer } from '../replay/long-timers.ts';
import {
  UnreadableResult,
  readOrchestratorResult,
  type OrchestratorResult,
} from '../replay/orchestrator-result.ts';
import { walk, type Walk } from '../replay/simulator.ts';
import { hasEnded, type Instance } from '../store/instances.ts';
import type { ReceivedMessage } from '../store/inbox.ts';
import type { TaskHub } from '../store/task-hub.ts';
import { recordEpisode } from './record.ts';

/** What an instance is about to hear. */
export interface Episode {
  instance: Instance;
  /** Inbox rows this episode uses up, those of older executions among them. */
  consumed: readonly number[];
  past: readonly HistoryEvent[];
  /** OrchestratorStarted and the events that were due. */
  fresh: readonly HistoryEvent[];
  payload: string;
}

/** What the orchestrator wants, or why the instance cannot go on. */
export type Decision =
  | { kind: 'proceed'; result: OrchestratorResult; walk: Walk; started: readonly Allocation[] }
  | { kind: 'break'; message: string };

export async function runEpisode(parts: EngineParts, instanceId: string): Promise<void> {
  const { hub, clock } = parts;
  const episode = openEpisode(hub, instanceId, clock.now());
  if (episode === undefined) return;
  const decision = await decide(parts, episode);
  // Cut off by stop: the inbox rows are still there, so the next engine runs this episode again.
  if (!hub.isOpen) return;
  recordEpisode(parts, episode, decision);
}

function openEpisode(hub: TaskHub, instanceId: string, now: number): Episode | undefined {
  const instance = hub.instances.find(instanceId);
  if (instance === undefined || hasEnded(instance)) {
    hub.write(() => hub.inbox.clear(instanceId));
    return undefined;
  }
  if (instance.suspended) return undefined;
  const due = hub.inbox.due(instanceId, now);
  const heard = due.filter((message) => isForExecution(message, instance.executionId));
  const consumed = due.map((message) => message.number);
  if (heard.length === 0) {
    if (consumed.length > 0) hub.write(() => consumed.forEach((number) => hub.inbox.remove(number)));
    return undefined;
  }
  const pastTexts = hub.history.list(instanceId);
  const past = pastTexts.map(parseHistoryEvent);
  // Virtual time may have been set back between two runs of the host; an orchestration's own time never goes back.
  const latest = past.reduce((time, event) => Math.max(time, Date.parse(event.Timestamp)), now);
  const opening = historyEvent({ EventType: EventType.OrchestratorStarted }, isoTime(latest));
  const fresh = [opening, ...heard.map((message) => message.event)];
  return { instance, consumed, past, fresh, payload: payloadText(instance, pastTexts, fresh) };
}

/** Messages of an execution that continueAsNew has replaced are void. */
function isForExecution(message: ReceivedMessage, executionId: string): boolean {
  return message.executionId === null || message.executionId === executionId;
}

/** The orchestration trigger's input. History texts are joined as they are: parsing them again is the SDK's work. */
function payloadText(instance: Instance, past: readonly string[], fresh: readonly HistoryEvent[]): string {
  const history = [...past, ...fresh.map((event) => JSON.stringify(event))].join(',');
  const rest = JSON.stringify({
    instanceId: instance.id,
    isReplaying: past.length > 0,
    parentInstanceId: instance.parent?.instanceId ?? null,
    upperSchemaVersion: 1,
    // V3 in the SDK's own names: long timers, no entity locks. What extension bundles of 2026 send.
    upperSchemaVersionNew: 2,
    maximumShortTimerDuration: maximumShortTimer.timeSpan,
    longRunningTimerIntervalDuration: longTimerInterval.timeSpan,
    // The protocol spells it so.
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
  return `{"history":[${history}],"input":${instance.input ?? 'null'},${rest.slice(1)}`;
}

async function decide(parts: EngineParts, episode: Episode): Promise<Decision> {
  const { invoker } = parts;
  const { name } = episode.instance;
  const orchestrator = durableFunction(invoker, 'orchestrationTrigger', name);
  if (orchestrator === undefined) return broken(missingFunction(invoker, 'orchestrationTrigger', name));
  const invocation = await invoker.invoke(orchestrator.name, {
    trigger: { string: episode.payload },
    reason: `orchestration '${episode.instance.id}'`,
  });
  let result: OrchestratorResult;
  try {
    result = readOrchestratorResult(invocation);
  } catch (error) {
    if (error instanceof UnreadableResult) return broken(error.message);
    throw error;
  }
  const walked = walk(result.actions, [...episode.past, ...episode.fresh]);
  const ended = result.isDone || result.error !== undefined;
  const fault = disagreement(walked, episode.past, { count: sdkTaskCount(invocation.context), ended });
  if (fault !== undefined) return broken(fault);
  const known = new Set(episode.past.filter(schedulesTask).map((event) => event.EventId));
  const started = walked.allocations.filter((allocation) => !known.has(allocation.id));
  const refusal = started
    .map((allocation) => refuse(parts, allocation))
    .find((reason) => reason !== undefined);
  return refusal === undefined ? { kind: 'proceed', result, walk: walked, started } : broken(refusal);
}

function broken(message: string): Decision {
  return { kind: 'break', message };
}

function schedulesTask(event: HistoryEvent): boolean {
  return event.EventId >= 0;
}

/** Why something cannot be started; undefined when it can. */
function refuse({ invoker }: EngineParts, allocation: Allocation): string | undefined {
  switch (allocation.kind) {
    case 'activity':
      return missing('activityTrigger', allocation.name);
    case 'subOrchestration':
      return missing('orchestrationTrigger', allocation.name);
    case 'entityCall':
    case 'entitySignal':
      return missing('entityTrigger', entityName(allocation.entityId));
    case 'unsupported':
      return `The local Durable engine has no ${allocation.what}; do it in an activity.`;
    case 'timer':
      return undefined;
  }
  function missing(trigger: Parameters<typeof durableFunction>[1], name: string): string | undefined {
    return durableFunction(invoker, trigger, name) === undefined
      ? missingFunction(invoker, trigger, name)
      : undefined;
  }
}

/** `counter` of `@counter@key`. */
export function entityName(entityId: string): string {
  return entityId.slice(1, entityId.indexOf('@', 1));
}
