import { EventType, type HistoryEvent } from '../replay/history.ts';

/** One line of `showHistory`: what happened, with the scheduling folded into the completion. */
export interface HistoryView {
  EventType: string;
  Timestamp: string;
  [field: string]: unknown;
}

/** The history as people read it: no scheduling events, results only when asked for. */
export function historyView(history: readonly HistoryEvent[], showOutput: boolean): HistoryView[] {
  const scheduled = new Map<number, HistoryEvent>();
  const views: HistoryView[] = [];
  for (const event of history) {
    if (event.EventId >= 0) scheduled.set(event.EventId, event);
    const fields = viewed(event, scheduled, showOutput);
    if (fields !== undefined) views.push({ ...fields, Timestamp: event.Timestamp });
  }
  return views;
}

function viewed(
  event: HistoryEvent,
  scheduled: ReadonlyMap<number, HistoryEvent>,
  showOutput: boolean,
): { EventType: string; [field: string]: unknown } | undefined {
  switch (event.EventType) {
    case EventType.ExecutionStarted:
      return {
        EventType: 'ExecutionStarted',
        FunctionName: event.Name,
        ...(showOutput ? { Input: json(event.Input) } : {}),
      };
    case EventType.ExecutionCompleted:
      return {
        EventType: 'ExecutionCompleted',
        OrchestrationStatus: event.OrchestrationStatus,
        ...(showOutput ? { Result: json(event.Result) } : {}),
      };
    case EventType.ExecutionTerminated:
      return { EventType: 'ExecutionTerminated', Reason: json(event.Input) };
    case EventType.TaskCompleted:
      return {
        EventType: 'TaskCompleted',
        ...origin(scheduled.get(event.TaskScheduledId)),
        ...(showOutput ? { Result: json(event.Result) } : {}),
      };
    case EventType.TaskFailed:
      return {
        EventType: 'TaskFailed',
        ...origin(scheduled.get(event.TaskScheduledId)),
        Reason: event.Reason,
        Details: event.Details,
      };
    case EventType.SubOrchestrationInstanceCompleted:
      return {
        EventType: 'SubOrchestrationInstanceCompleted',
        ...origin(scheduled.get(event.TaskScheduledId)),
        ...(showOutput ? { Result: json(event.Result) } : {}),
      };
    case EventType.SubOrchestrationInstanceFailed:
      return {
        EventType: 'SubOrchestrationInstanceFailed',
        ...origin(scheduled.get(event.TaskScheduledId)),
        Reason: event.Reason,
        Details: event.Details,
      };
    case EventType.TimerFired:
      return {
        EventType: 'TimerFired',
        ScheduledTime: scheduled.get(event.TimerId)?.Timestamp,
        FireAt: event.FireAt,
      };
    case EventType.EventRaised:
      return {
        EventType: 'EventRaised',
        Name: event.Name,
        ...(showOutput ? { Input: json(event.Input) } : {}),
      };
    case EventType.EventSent:
      return {
        EventType: 'EventSent',
        InstanceId: event.InstanceId,
        ...(showOutput ? { Input: json(event.Input) } : {}),
      };
    case EventType.ExecutionSuspended:
      return { EventType: 'ExecutionSuspended', Reason: event.Reason };
    case EventType.ExecutionResumed:
      return { EventType: 'ExecutionResumed', Reason: event.Reason };
    default:
      return undefined;
  }
}

function origin(event: HistoryEvent | undefined): Record<string, unknown> {
  return event === undefined || !('Name' in event)
    ? {}
    : { FunctionName: event.Name, ScheduledTime: event.Timestamp };
}

function json(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
