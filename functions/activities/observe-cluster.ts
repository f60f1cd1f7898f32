import { observeCluster as observe } from '../../shared/reconcile/observe-cluster.ts';
import { observeCluster } from '../contracts/cluster-activities.ts';
import { logFor } from '../log.ts';
import { registerActivity } from './register.ts';

registerActivity(observeCluster, (services, input, context) => observe(services, input, logFor(context)));
