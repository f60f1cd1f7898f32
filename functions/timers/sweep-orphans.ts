import type { InvocationContext, Timer } from '@azure/functions';
import { app } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { SlipwayError } from '../../shared/errors/slipway-error.ts';
import { sweepOrphans } from '../../shared/reconcile/sweep-orphans.ts';
import { services } from '../composition.ts';
import { logFor } from '../log.ts';
import { poolsSince } from '../pools-since.ts';

/** Every ten minutes: what belongs to nothing is told of, and objects are removed when their grace is over. */
app.timer('sweepOrphans', {
  schedule: '30 */10 * * * *',
  extraInputs: [input.durableClient()],
  handler: async (_timer: Timer, context: InvocationContext) => {
    const client = getClient(context);
    const log = logFor(context);
    for (const cluster of services().clusterNames) {
      try {
        await sweepOrphans(services(), cluster, { poolsSince: await poolsSince(client, cluster), log });
      } catch (error) {
        // A cluster that is stopped, out of reach or another's must not keep the others from being swept.
        if (!(error instanceof SlipwayError)) throw error;
        log.warn('orphans could not be swept', { cluster, code: error.code, error: error.message });
      }
    }
  },
});
