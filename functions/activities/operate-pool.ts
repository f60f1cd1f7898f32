import { operatePool as operate } from '../../shared/reconcile/operate-pool.ts';
import { operatePool } from '../contracts/cluster-activities.ts';
import { logFor } from '../log.ts';
import { registerActivity } from './register.ts';

registerActivity(operatePool, (services, { cluster, operation, now }, context) =>
  operate(services, cluster, operation, now === undefined ? undefined : { now, log: logFor(context) }),
);
