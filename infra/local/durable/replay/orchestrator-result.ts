/** What one run of an orchestrator function answers, in the SDK's JSON (replay schema V3, called 2 on the wire). */
import * as z from 'zod';
import type { InvocationResult } from '../../functions/contract.ts';

const retryOptions = z.object({
  firstRetryIntervalInMilliseconds: z.number(),
  maxNumberOfAttempts: z.number(),
  backoffCoefficient: z.number().optional(),
  maxRetryIntervalInMilliseconds: z.number().optional(),
  retryTimeoutInMilliseconds: z.number().optional(),
});
export type RetryOptions = z.infer<typeof retryOptions>;

const callActivity = { functionName: z.string(), input: z.unknown().optional() };
const callSubOrchestrator = {
  functionName: z.string(),
  instanceId: z.string().nullish(),
  input: z.unknown().optional(),
  version: z.string().nullish(),
};
const entityOperation = { instanceId: z.string(), operation: z.string(), input: z.unknown().optional() };

/** Action numbers of the protocol; compound actions nest. */
const action = z.discriminatedUnion('actionType', [
  z.object({ actionType: z.literal(0), ...callActivity }),
  z.object({ actionType: z.literal(1), ...callActivity, retryOptions }),
  z.object({ actionType: z.literal(2), ...callSubOrchestrator }),
  z.object({ actionType: z.literal(3), ...callSubOrchestrator, retryOptions }),
  z.object({ actionType: z.literal(4), input: z.unknown().optional() }),
  z.object({ actionType: z.literal(5), fireAt: z.iso.datetime(), isCanceled: z.boolean() }),
  z.object({ actionType: z.literal(6), externalEventName: z.string() }),
  z.object({ actionType: z.literal(7), ...entityOperation }),
  z.object({ actionType: z.literal(8) }),
  z.object({ actionType: z.literal(9), ...entityOperation }),
  z.object({
    actionType: z.literal(11),
    get compoundActions(): z.ZodArray<typeof action> {
      return z.array(action);
    },
  }),
  z.object({
    actionType: z.literal(12),
    get compoundActions(): z.ZodArray<typeof action> {
      return z.array(action);
    },
  }),
  z.object({ actionType: z.literal(13) }),
  z.object({ actionType: z.literal(14) }),
]);
export type Action = z.infer<typeof action>;

export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;

const orchestratorResult = z.object({
  isDone: z.boolean(),
  /** One inner array: every top-level action since the last (re)start. */
  actions: z.array(z.array(action)).max(1),
  output: z.unknown().optional(),
  customStatus: z.unknown().optional(),
  error: z.string().optional(),
});

export interface OrchestratorResult {
  isDone: boolean;
  actions: Action[];
  output: unknown;
  /** Undefined when the code set none (the SDK cannot say "cleared"). */
  customStatus: unknown;
  /** Message of the error that ended the code, if one did. */
  error: string | undefined;
}

/** An orchestrator run that did not answer in the SDK's protocol: the instance cannot go on. */
export class UnreadableResult extends Error {
  override readonly name = 'UnreadableResult';
}

/** The SDK reports failures as a thrown error whose message ends in this mark and the usual JSON. */
const outOfProcessMark = '\n\n$OutOfProcData$:';

/** Reads the outcome of invoking an orchestrator function. Throws UnreadableResult. */
export function readOrchestratorResult(invocation: InvocationResult): OrchestratorResult {
  const parsed = orchestratorResult.safeParse(resultValue(invocation));
  if (!parsed.success)
    throw new UnreadableResult(`answer is not the SDK's: ${z.prettifyError(parsed.error)}`);
  const { isDone, actions, output, customStatus, error } = parsed.data;
  // The SDK leaves `error` out when the thrown error has an empty message.
  const failure =
    invocation.outcome === 'failed' ? (error ?? 'the orchestrator threw an error without a message') : error;
  return { isDone, actions: actions[0] ?? [], output, customStatus, error: failure };
}

function resultValue(invocation: InvocationResult): unknown {
  if (invocation.outcome === 'failed') {
    const message = invocation.error instanceof Error ? invocation.error.message : String(invocation.error);
    const mark = message.lastIndexOf(outOfProcessMark);
    if (mark < 0) throw new UnreadableResult(message);
    return parseJson(message.slice(mark + outOfProcessMark.length));
  }
  const value = invocation.returnValue;
  if (value !== null && value !== undefined) {
    if ('json' in value) return parseJson(value.json);
    if ('string' in value) return parseJson(value.string);
  }
  throw new UnreadableResult(
    'the orchestrator returned nothing the SDK would; is it registered with df.app.orchestration?',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableResult(`answer is not JSON: ${text.slice(0, 200)}`);
  }
}
