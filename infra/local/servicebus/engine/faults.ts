/** Every way an operation on a queue can be refused; the AMQP front maps each to its condition. */
export type FaultKind =
  | 'entityNotFound'
  | 'messageLockLost'
  | 'messageNotFound'
  | 'messageTooLarge'
  | 'malformedRequest'
  | 'notAllowed'
  | 'notImplemented'
  | 'sessionCannotBeLocked'
  | 'sessionLockLost'
  | 'timeout';

/** A refusal with a reason a client can act on. */
export class QueueFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.name = 'QueueFault';
    this.kind = kind;
  }
}
