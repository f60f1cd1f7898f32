import { finish } from '../../shared/reconcile/workspace-turn.ts';
import { finishWorkspace } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(finishWorkspace, async (services, record) => ({ written: await finish(services, record) }));
