import { plan } from '../../shared/reconcile/workspace-turn.ts';
import { planWorkspace } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(planWorkspace, async (services, record) => ({ plan: await plan(services, record) }));
