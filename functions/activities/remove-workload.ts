import { removeWorkload as remove } from '../../shared/reconcile/workspace-turn.ts';
import { removeWorkload } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(removeWorkload, async (services, reference) => ({
  left: await remove(services, reference),
}));
