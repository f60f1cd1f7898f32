import { planRung } from '../../shared/reconcile/plan-rung.ts';
import { planWorkspace } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(planWorkspace, planRung);
