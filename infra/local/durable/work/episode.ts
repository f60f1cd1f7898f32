/** One episode: an orchestration hears what is due, its code runs once over the whole history, and its wishes are recorded. */
import type { EngineParts } from '../engine-parts.ts';
import { isoTime } from '../lifecycle.ts';
import { EventType, historyEvent, parseHistoryEvent, type HistoryEvent } from '../replay/history.ts';
import { longTimerInterval, maximumShortTimer } from '../replay/long-timers.ts';
import { hasEnded, type Instance } from '../store/instances.ts';
import type { ReceivedMessage } from '../store/inbox.ts';
import type { TaskHub } from '../store/task-hub.ts';
import { decide, type Episode } from './decide.ts';
import { recordEpisode } from './record.ts';

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
