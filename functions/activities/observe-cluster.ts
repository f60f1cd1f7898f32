import { observeCluster as observe } from '../../shared/reconcile/observe-cluster.ts';
import { observeCluster } from '../contracts/cluster-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(observeCluster, observe);
