import { expire } from '../../shared/reconcile/workspace-turn.ts';
import { expireWorkspace } from '../contracts/workspace-activities.ts';
import { logFor } from '../log.ts';
import { registerActivity } from './register.ts';

registerActivity(expireWorkspace, async (services, { record, why }, context) => {
  const written = await expire(services, record);
  const { cluster, namespace, name, uid } = record;
  if (written) logFor(context).info('workspace expired', { cluster, namespace, name, uid, why });
  return { written };
});
