import { writeStatus as write } from '../../shared/reconcile/workspace-turn.ts';
import { writeStatus } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(writeStatus, async (services, { record, write: status }) => ({
  written: await write(services, record, status),
}));
