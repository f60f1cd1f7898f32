import { Retryable, SlipwayError } from '../../shared/errors/slipway-error.ts';
import { FailureClass, ProvisioningError } from '../../shared/provisioning/node-provisioner.ts';
import type { ActivityFailure } from '../contracts/activity.ts';

/** The one place where an unknown throw of an activity becomes an error of ours: retried, for the next turn may fare better. */
export function toFailure(error: unknown): ActivityFailure {
  if (!(error instanceof SlipwayError)) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { code: 'Unexpected', message: message.slice(0, 1000), retryable: true };
  }
  const { retryable, retryAfterSeconds } = outlookOf(error);
  return {
    code: error.code,
    message: error.message.slice(0, 2000),
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    retryable,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** Azure's failures say by their class whether they pass. */
function outlookOf(error: SlipwayError): Pick<ActivityFailure, 'retryable' | 'retryAfterSeconds'> {
  if (error instanceof ProvisioningError) {
    const { class: kind, retryAfterSeconds } = error.failure;
    const retryable = kind === FailureClass.Wait || kind === FailureClass.Retry;
    return { retryable, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  }
  if (!(error instanceof Retryable)) return { retryable: false };
  const { retryAfterSeconds } = error;
  return { retryable: true, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
