import { observe } from '../../shared/reconcile/workspace-turn.ts';
import { observeWorkspace } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(observeWorkspace, async (services, reference) => ({
  snapshot: await observe(services, reference),
}));
