import { operatePool as operate } from '../../shared/reconcile/operate-pool.ts';
import { operatePool } from '../contracts/cluster-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(operatePool, (services, { cluster, operation }) => operate(services, cluster, operation));
