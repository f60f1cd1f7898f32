import { applyWorkload as apply } from '../../shared/reconcile/apply-workload.ts';
import { applyWorkload } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(applyWorkload, async (services, { record, plan, revision }) => ({
  objects: await apply(services, record, plan, revision),
}));
