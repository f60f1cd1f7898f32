import { type FaultKind, QueueFault } from '../engine/faults.ts';
import { DecodeFault } from './decode.ts';

/** How a refusal looks on the wire: AMQP error condition, and status code in `$management` answers. */
export interface WireError {
  condition: string;
  description: string;
  status: number;
}

/** The conditions Azure uses; SDKs turn them into their error codes. */
const conditions: Record<FaultKind, { condition: string; status: number }> = {
  entityNotFound: { condition: 'amqp:not-found', status: 404 },
  messageLockLost: { condition: 'com.microsoft:message-lock-lost', status: 410 },
  messageNotFound: { condition: 'com.microsoft:message-not-found', status: 404 },
  messageTooLarge: { condition: 'amqp:link:message-size-exceeded', status: 403 },
  malformedRequest: { condition: 'com.microsoft:argument-error', status: 400 },
  notAllowed: { condition: 'amqp:not-allowed', status: 400 },
  notImplemented: { condition: 'amqp:not-implemented', status: 501 },
  sessionCannotBeLocked: { condition: 'com.microsoft:session-cannot-be-locked', status: 410 },
  sessionLockLost: { condition: 'com.microsoft:session-lock-lost', status: 410 },
  timeout: { condition: 'com.microsoft:timeout', status: 408 },
};

/** The wire form of a refusal; anything that is not one is a bug of the broker and thrown on. */
export function toWireError(error: unknown): WireError {
  if (error instanceof QueueFault) return { ...conditions[error.kind], description: error.message };
  if (error instanceof DecodeFault) {
    return {
      condition: 'amqp:decode-error',
      status: 400,
      description: `The message is not AMQP: ${error.message}.`,
    };
  }
  throw error;
}
