/** Runs an orchestrator's code over what it is about to hear, and judges the answer. */
import type { InvocationResult } from '../../functions/contract.ts';
import { durableFunction, missingFunction, type DurableTrigger, type EngineParts } from '../engine-parts.ts';
import { jsonText, type Allocation } from '../replay/allocation.ts';
import { disagreement, sdkTaskCount } from '../replay/determinism.ts';
import type { HistoryEvent } from '../replay/history.ts';
import {
  UnreadableResult,
  readOrchestratorResult,
  type OrchestratorResult,
} from '../replay/orchestrator-result.ts';
import { walk, type Walk } from '../replay/simulator.ts';
import type { Instance } from '../store/instances.ts';
import { entityName } from './entity-id.ts';

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

export async function decide(parts: EngineParts, episode: Episode): Promise<Decision> {
  const { invoker } = parts;
  const { name } = episode.instance;
  const orchestrator = durableFunction(invoker, 'orchestrationTrigger', name);
  if (orchestrator === undefined) return broken(missingFunction(invoker, 'orchestrationTrigger', name));
  const invocation = await invoker.invoke(orchestrator.name, {
    trigger: { string: episode.payload },
    reason: `orchestration '${episode.instance.id}'`,
  });
  try {
    return judge(parts, episode, invocation);
  } catch (error) {
    if (error instanceof UnreadableResult) return broken(error.message);
    // A fault of ours must not leave the instance Running for ever with the reason in a log alone.
    return broken(
      `Durable engine fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

function judge(parts: EngineParts, episode: Episode, invocation: InvocationResult): Decision {
  const result = readOrchestratorResult(invocation);
  const oversize = oversizeStatus(result.customStatus);
  if (oversize !== undefined) return broken(oversize);
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

/** Azure's limit: 16 KB of UTF-16 text, https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-custom-orchestration-status */
const largestStatusBytes = 16 * 1024;

function oversizeStatus(customStatus: unknown): string | undefined {
  const bytes = jsonText(customStatus).length * 2;
  if (bytes <= largestStatusBytes) return undefined;
  return `The custom status is ${bytes} bytes of UTF-16 JSON, Azure takes ${largestStatusBytes}: keep details in your own record.`;
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
  function missing(trigger: DurableTrigger, name: string): string | undefined {
    return durableFunction(invoker, trigger, name) === undefined
      ? missingFunction(invoker, trigger, name)
      : undefined;
  }
}
