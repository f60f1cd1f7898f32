import type { InvocationContext } from '@azure/functions';
import type { ActivityOptions } from 'durable-functions';
import { app, input } from 'durable-functions';
import { SlipwayError } from '../../shared/errors/slipway-error.ts';
import type { Services } from '../../shared/reconcile/services.ts';
import { services } from '../composition.ts';
import type { Activity, Outcome } from '../contracts/activity.ts';
import { logFor } from '../log.ts';
import { toFailure } from './to-failure.ts';

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

/** Stacks are for logs alone, and only of what we did not expect. */
function causeOf(error: unknown): { stack?: string } {
  return error instanceof Error && !(error instanceof SlipwayError) ? { stack: error.stack ?? '' } : {};
}
