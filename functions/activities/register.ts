import type { InvocationContext } from '@azure/functions';
import type { ActivityOptions } from 'durable-functions';
import { app, input } from 'durable-functions';
import { Retryable, SlipwayError } from '../../shared/errors/slipway-error.ts';
import { FailureClass, ProvisioningError } from '../../shared/provisioning/node-provisioner.ts';
import type { Services } from '../../shared/reconcile/services.ts';
import { services } from '../composition.ts';
import type { Activity, ActivityFailure, Outcome } from '../contracts/activity.ts';
import { logFor } from '../log.ts';

/** Registers an activity. Whatever goes wrong becomes a value: a rejected activity would end its orchestration. */
export function registerActivity<I extends object, O>(
  contract: Activity<I, O>,
  act: (services: Services, input: I, context: InvocationContext) => Promise<O>,
): void {
  const options: ActivityOptions = {
    extraInputs: [input.durableClient()],
    handler: async (given: I, context: InvocationContext): Promise<Outcome<O>> => {
      try {
        return { ok: true, value: await act(services(), given, context) };
      } catch (error) {
        const failure = toFailure(error);
        logFor(context).warn('activity failed', { activity: contract.name, ...failure, ...causeOf(error) });
        return { ok: false, failure };
      }
    },
  };
  app.activity(contract.name, options);
}

/** The one place where an unknown throw of an activity becomes an error of ours: retried, for the next turn may fare better. */
function toFailure(error: unknown): ActivityFailure {
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

/** Stacks are for logs alone, and only of what we did not expect. */
function causeOf(error: unknown): { stack?: string } {
  return error instanceof Error && !(error instanceof SlipwayError) ? { stack: error.stack ?? '' } : {};
}
