import { addFinalizer as add } from '../../shared/reconcile/workspace-turn.ts';
import { addFinalizer } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(addFinalizer, async (services, record) => ({ written: await add(services, record) }));
