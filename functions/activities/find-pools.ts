import { findPools as find } from '../../shared/reconcile/workspace-turn.ts';
import { findPools } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(findPools, async (services, { cluster, uid, pools }) => ({
  pools: await find(services, cluster, uid, pools),
}));
