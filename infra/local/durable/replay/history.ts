/** History events of the Durable wire protocol, as the SDK reads them. PascalCase names and numbers are the protocol's. */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** What a failed task carries when the app registered an exception-properties provider. */
export interface FailureDetails {
  ErrorType: string;
  ErrorMessage: string;
  StackTrace?: string;
  IsNonRetriable: boolean;
  Properties?: Record<string, unknown>;
}

interface OrchestrationInstance {
  InstanceId: string;
  ExecutionId: string;
}

export interface ParentInstance {
  Name: string;
  OrchestrationInstance: OrchestrationInstance;
  TaskScheduleId: number;
}

/** Fields of each event beyond those all share. Texts called Input and Result are JSON. */
export type EventBody =
  | {
      EventType: typeof EventType.ExecutionStarted;
      Name: string;
      Version: string | null;
      Input: string | null;
      OrchestrationInstance: OrchestrationInstance;
      ParentInstance: ParentInstance | null;
    }
  | {
      EventType: typeof EventType.ExecutionCompleted;
      OrchestrationStatus: 'Completed' | 'Failed';
      Result: string;
    }
  | { EventType: typeof EventType.ExecutionTerminated; Input: string }
  | { EventType: typeof EventType.TaskScheduled; Name: string; Input: string }
  | { EventType: typeof EventType.TaskCompleted; TaskScheduledId: number; Result: string }
  | FailedTask<typeof EventType.TaskFailed>
  | {
      EventType: typeof EventType.SubOrchestrationInstanceCreated;
      Name: string;
      InstanceId: string;
      Input: string;
    }
  | { EventType: typeof EventType.SubOrchestrationInstanceCompleted; TaskScheduledId: number; Result: string }
  | FailedTask<typeof EventType.SubOrchestrationInstanceFailed>
  | { EventType: typeof EventType.TimerCreated; FireAt: string }
  | { EventType: typeof EventType.TimerFired; TimerId: number; FireAt: string }
  | { EventType: typeof EventType.OrchestratorStarted }
  | { EventType: typeof EventType.OrchestratorCompleted }
  | { EventType: typeof EventType.EventSent; InstanceId: string; Name: string; Input: string }
  | { EventType: typeof EventType.EventRaised; Name: string; Input: string | null }
  | { EventType: typeof EventType.ExecutionSuspended; Reason: string }
  | { EventType: typeof EventType.ExecutionResumed; Reason: string };

interface FailedTask<Type> {
  EventType: Type;
  TaskScheduledId: number;
  Reason: string;
  Details: string;
  FailureDetails?: FailureDetails;
}

export type HistoryEvent = EventBody & {
  /** The task id for events that schedule something, else -1. */
  EventId: number;
  /** True for events of earlier episodes. */
  IsPlayed: boolean;
  /** ISO 8601, virtual time. */
  Timestamp: string;
};

/** Completes `body` to an event that has not been played yet. */
export function historyEvent(body: EventBody, timestamp: string, eventId = -1): HistoryEvent {
  return { EventId: eventId, IsPlayed: false, Timestamp: timestamp, ...body };
}

const knownTypes = new Set<unknown>(Object.values(EventType));

/** Reads back an event this engine stored. Throws when the text is something else. */
export function parseHistoryEvent(text: string): HistoryEvent {
  const value: unknown = JSON.parse(text);
  if (!isHistoryEvent(value)) throw new Error(`not a history event: ${text.slice(0, 200)}`);
  return value;
}

/** The rows are our own, so the type number and the shared fields are proof enough. */
function isHistoryEvent(value: unknown): value is HistoryEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'EventType' in value &&
    knownTypes.has(value.EventType) &&
    'EventId' in value &&
    typeof value.EventId === 'number' &&
    'Timestamp' in value &&
    typeof value.Timestamp === 'string'
  );
}
