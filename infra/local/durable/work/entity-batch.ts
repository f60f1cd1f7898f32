/** Entities perform their operations in batches, one batch at a time: state, replies and signals are one transaction. */
import * as z from 'zod';
import type { InvocationResult } from '../../functions/contract.ts';
import { durableFunction, missingFunction, type EngineParts } from '../engine-parts.ts';
import { isoTime } from '../lifecycle.ts';
import { EventType, historyEvent } from '../replay/history.ts';
import type { EntityOperation, ReplyTo } from '../store/entities.ts';
import { NotJson, resultJson } from '../typed-data.ts';
import { entityId, entityKey, entityName } from './entity-id.ts';

/** The Consumption plan's `maxEntityOperationBatchSize`. */
const largestBatch = 50;

const batchResult = z.object({
  entityExists: z.boolean(),
  entityState: z.string().nullish(),
  results: z.array(z.object({ isError: z.boolean(), result: z.string().nullish() })),
  signals: z.array(
    z.object({
      target: z.object({ name: z.string(), key: z.string() }),
      name: z.string(),
      input: z.string().nullish(),
    }),
  ),
});
type BatchResult = z.infer<typeof batchResult>;

export async function runEntityBatch(parts: EngineParts, id: string): Promise<void> {
  const { hub, clock } = parts;
  const operations = hub.entities.pending(id, largestBatch);
  if (operations.length === 0) return;
  const outcome = await perform(parts, id, operations);
  if (!hub.isOpen) return;
  const now = clock.now();
  hub.write(() => {
    for (const { number } of operations) hub.entities.done(number);
    if ('fault' in outcome) rejectAll(parts, id, { operations, fault: outcome.fault, now });
    else apply(parts, id, { operations, result: outcome.result, now });
    if (hub.entities.pending(id, 1).length > 0) hub.signal({ kind: 'entity', id });
  });
}

type Outcome = { result: BatchResult } | { fault: string };

async function perform(
  { hub, invoker }: EngineParts,
  id: string,
  operations: readonly EntityOperation[],
): Promise<Outcome> {
  const name = entityName(id);
  const entity = durableFunction(invoker, 'entityTrigger', name);
  if (entity === undefined) return { fault: missingFunction(invoker, 'entityTrigger', name) };
  const stored = hub.entities.find(id);
  const payload = {
    self: { name, key: entityKey(id) },
    exists: stored !== undefined,
    state: stored?.state ?? null,
    batch: operations.map(({ operation, input, replyTo }) => ({
      name: operation,
      input,
      isSignal: replyTo === null,
    })),
  };
  const trigger = { string: JSON.stringify(payload) };
  return readBatch(
    await invoker.invoke(entity.name, { trigger, reason: `entity '${id}'` }),
    operations.length,
  );
}

function readBatch(invocation: InvocationResult, expected: number): Outcome {
  if (invocation.outcome === 'failed') return { fault: String(invocation.error) };
  try {
    const parsed = batchResult.safeParse(JSON.parse(resultJson(invocation.returnValue)));
    if (!parsed.success) return { fault: `answer is not the SDK's: ${z.prettifyError(parsed.error)}` };
    const { results } = parsed.data;
    if (results.length === expected) return { result: parsed.data };
    return {
      fault: `answered ${results.length} of ${expected} operations; return at most one result per operation`,
    };
  } catch (error) {
    if (error instanceof NotJson) return { fault: error.message };
    throw error;
  }
}

interface Batch {
  operations: readonly EntityOperation[];
  now: number;
}

function apply(
  parts: EngineParts,
  id: string,
  { operations, result, now }: Batch & { result: BatchResult },
): void {
  const { hub } = parts;
  if (result.entityExists) hub.entities.put({ id, state: result.entityState ?? null, updated: now });
  else hub.entities.remove(id);
  for (const [index, operation] of operations.entries()) {
    const answer = result.results[index];
    if (operation.replyTo === null || answer === undefined) continue;
    const error = answer.isError ? { exceptionType: 'Error' } : {};
    reply(parts, operation.replyTo, { content: { result: answer.result ?? undefined, ...error }, now });
  }
  for (const { target, name, input } of result.signals) {
    // The SDK says "no input" with an empty text.
    hub.send({
      entityId: entityId(target.name, target.key),
      operation: name,
      input: input || null,
      replyTo: null,
    });
  }
}

/** The function as a whole failed: nothing changes, callers hear why, signals are lost as they would be in Azure. */
function rejectAll(
  parts: EngineParts,
  id: string,
  { operations, fault, now }: Batch & { fault: string },
): void {
  parts.log('error', `Entity '${id}' failed ${operations.length} operations: ${fault}`);
  for (const { replyTo } of operations) {
    if (replyTo !== null)
      reply(parts, replyTo, { content: { result: JSON.stringify(fault), exceptionType: 'Error' }, now });
  }
}

interface ReplyContent {
  /** JSON text of the operation's result. */
  result?: string | undefined;
  /** Present when the call is to reject. */
  exceptionType?: string;
}

function reply(
  { hub }: EngineParts,
  to: ReplyTo,
  { content, now }: { content: ReplyContent; now: number },
): void {
  const { instanceId, executionId, requestId } = to;
  if (hub.instances.find(instanceId)?.executionId !== executionId) return;
  const body = { EventType: EventType.EventRaised, Name: requestId, Input: JSON.stringify(content) };
  hub.deliver({ instanceId, executionId, event: historyEvent(body, isoTime(now)) });
}
