import { tellEvents } from '../../shared/reconcile/tell-events.ts';
import { expire } from '../../shared/reconcile/workspace-turn.ts';
import { expireWorkspace } from '../contracts/workspace-activities.ts';
import { logFor } from '../log.ts';
import { registerActivity } from './register.ts';

registerActivity(expireWorkspace, async (services, { record, why, now }, context) => {
  const written = await expire(services, record);
  const { cluster, namespace, name, uid } = record;
  if (written) {
    const log = logFor(context);
    log.info('workspace expired', { cluster, namespace, name, uid, why });
    if (now !== undefined) {
      const note = { type: 'Normal', reason: 'Expired', message: why, time: now } as const;
      await tellEvents(services, record, [note], log);
    }
  }
  return { written };
});
