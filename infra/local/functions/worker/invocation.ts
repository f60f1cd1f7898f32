import { randomBytes } from 'node:crypto';
import type { TypedData } from '../contract.ts';
import type { AppFunction, AppRegistrations } from './app-registrations.ts';
import type {
  CoreInvocationContext,
  ProgrammingModel,
  RpcInvocationResponse,
  WorkerLog,
  WorkerTypedData,
} from './protocol.ts';

export interface WorkerInvocation {
  invocationId: string;
  function: AppFunction;
  /** Trigger value first, extra inputs after it. */
  inputData: { name: string; data: WorkerTypedData }[];
  triggerMetadata: Record<string, TypedData>;
  /** W3C trace context of the caller; a new trace starts without it. */
  traceParent?: string | undefined;
  log: WorkerLog;
  /** Rejects when the arguments can no longer arrive (a streamed request whose caller went away). */
  argumentsLost?: Promise<never> | undefined;
}

export type WorkerOutcome =
  /** `returned`: the handler (or a hook) gave a result, so the package's HTTP proxy has answered or will. */
  | { outcome: 'succeeded'; response: RpcInvocationResponse; context: unknown; returned: boolean }
  | { outcome: 'failed'; error: unknown; context: unknown };

/**
 * Runs one invocation as the Node worker does: arguments, pre-invocation hooks (which may replace inputs and handler),
 * handler, post-invocation hooks (which may replace result and error), response. Never rejects.
 */
export async function runInvocation(
  { registrations, model }: { registrations: AppRegistrations; model: ProgrammingModel },
  invocation: WorkerInvocation,
): Promise<WorkerOutcome> {
  let context: unknown;
  const core = toCoreContext(invocation, (level, category, message) => {
    registrations.writeThroughLogHooks(invocation.log, {
      level,
      category,
      message,
      invocationContext: context,
    });
  });
  try {
    const invocationModel = model.getInvocationModel(core);
    const pending = invocationModel.getArguments();
    const given = await (invocation.argumentsLost
      ? Promise.race([pending, invocation.argumentsLost])
      : pending);
    context = given.context;
    const shared = { hookData: {}, appHookData: registrations.appHookData, invocationContext: context };

    const pre = { ...shared, inputs: given.inputs, functionCallback: invocation.function.handler };
    core.state = 'preInvocationHooks';
    await registrations.runHooks('preInvocation', pre);

    const post: { result: unknown; error: unknown } = { result: null, error: null };
    core.state = 'invocation';
    try {
      post.result = await invocationModel.invokeFunction(context, pre.inputs, pre.functionCallback);
    } catch (error) {
      post.error = error;
    }

    core.state = 'postInvocationHooks';
    const after = { ...shared, inputs: pre.inputs, ...post };
    await registrations.runHooks('postInvocation', after);
    core.state = undefined;
    if (after.error !== null && after.error !== undefined)
      return { outcome: 'failed', error: after.error, context };
    const response = await invocationModel.getResponse(context, after.result);
    return {
      outcome: 'succeeded',
      response,
      context,
      returned: after.result !== null && after.result !== undefined,
    };
  } catch (error) {
    core.state = undefined;
    return { outcome: 'failed', error, context };
  }
}

function toCoreContext(invocation: WorkerInvocation, log: WorkerLog): CoreInvocationContext {
  const { invocationId, function: fn, inputData, triggerMetadata } = invocation;
  const traceParent =
    invocation.traceParent ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  return {
    invocationId,
    metadata: fn.metadata,
    state: undefined,
    log,
    request: {
      invocationId,
      functionId: fn.id,
      inputData,
      triggerMetadata,
      traceContext: { traceParent, traceState: '', attributes: {} },
    },
  };
}
