import { toEvents } from '../../shared/lifecycle/trail-events.ts';
import { tellEvents } from '../../shared/reconcile/tell-events.ts';
import { writeStatus as write } from '../../shared/reconcile/workspace-turn.ts';
import { writeStatus } from '../contracts/workspace-activities.ts';
import { logFor } from '../log.ts';
import { registerActivity } from './register.ts';

registerActivity(writeStatus, async (services, { record, write: status }, context) => {
  const written = await write(services, record, status);
  if (written) await tellEvents(services, record, toEvents(status.trail), logFor(context));
  return { written };
});
