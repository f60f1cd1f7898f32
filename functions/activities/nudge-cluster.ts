import { getClient } from 'durable-functions';
import { nudgeCluster } from '../contracts/workspace-activities.ts';
import { ensureCluster } from '../ensure-running.ts';
import { registerActivity } from './register.ts';

registerActivity(nudgeCluster, async (_services, { cluster }, context) => {
  await ensureCluster(getClient(context), cluster);
  return { nudged: true };
});
