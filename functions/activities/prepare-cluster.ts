import { prepareCluster as prepare } from '../../shared/reconcile/prepare-cluster.ts';
import { prepareCluster } from '../contracts/cluster-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(prepareCluster, prepare);
