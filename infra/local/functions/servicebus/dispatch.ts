import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Clock } from '../../clock/clock.ts';
import type { HostFunction, HostInvocationRequest, HostInvoker } from '../invoker.ts';
import type { HostLog } from '../log.ts';
import {
  describeMessage,
  toBatchMetadata,
  toBatchValue,
  toTriggerMetadata,
  toTriggerValue,
} from './trigger-data.ts';

/** What a listener needs to hand messages to its function. */
export interface Dispatch {
  function: HostFunction;
  invoker: HostInvoker;
  /** Trigger option, else host.json: without it a message stays locked after a success. */
  autoComplete: boolean;
  log: HostLog;
  clock: Clock;
}

/** The real host gives no reason for Service Bus invocations. */
const reason = '(null)';

/**
 * Runs the function on one message and settles it: return completes, throw abandons at once. Never rejects.
 * `onHandled` is called in between.
 */
export async function dispatchOne(
  dispatch: Dispatch,
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  onHandled: () => void = () => undefined,
): Promise<void> {
  const request: HostInvocationRequest = {
    reason,
    details: describeMessage(message),
    trigger: toTriggerValue(message, isBinary(dispatch.function)),
    triggerMetadata: toTriggerMetadata(message, dispatch.clock),
  };
  const result = await dispatch.invoker.invoke(dispatch.function.name, request);
  onHandled();
  await settle(dispatch, receiver, { messages: [message], succeeded: result.outcome === 'succeeded' });
}

/** Runs the function on a batch; a failure abandons all of it. Never rejects. */
export async function dispatchBatch(
  dispatch: Dispatch,
  receiver: ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
): Promise<void> {
  const request: HostInvocationRequest = {
    reason,
    details: `${messages.length} messages`,
    trigger: toBatchValue(messages, isBinary(dispatch.function)),
    triggerMetadata: toBatchMetadata(messages, dispatch.clock),
  };
  const result = await dispatch.invoker.invoke(dispatch.function.name, request);
  await settle(dispatch, receiver, { messages, succeeded: result.outcome === 'succeeded' });
}

function isBinary(fn: HostFunction): boolean {
  return fn.trigger.options['dataType'] === 'binary';
}

async function settle(
  { function: fn, autoComplete, log }: Dispatch,
  receiver: ServiceBusReceiver,
  { messages, succeeded }: { messages: readonly ServiceBusReceivedMessage[]; succeeded: boolean },
): Promise<void> {
  if (succeeded && !autoComplete) return;
  for (const message of messages) {
    try {
      if (succeeded) await receiver.completeMessage(message);
      else await receiver.abandonMessage(message);
    } catch (error) {
      // A lost lock means the message is delivered again: the handler must cope, there is nothing to undo here.
      const what = succeeded ? 'completed' : 'abandoned';
      log(
        'error',
        `Host.Triggers.${fn.name}`,
        `Message ${String(message.messageId)} was not ${what}: ${String(error)}`,
      );
    }
  }
}

/** Gives messages back that arrived while the listener was stopping. */
export async function giveBack(
  dispatch: Dispatch,
  receiver: ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
): Promise<void> {
  await settle(dispatch, receiver, { messages, succeeded: false });
}
