import type { TypedData } from '../contract.ts';
import type { ScheduleStatus } from './schedule-status.ts';

/** Value of a timer trigger; a manual run of a timer that never fired has no status. */
export function timerInfo(status: ScheduleStatus | undefined, isPastDue: boolean): TypedData {
  const info = { Schedule: { AdjustForDST: true }, ScheduleStatus: status ?? null, IsPastDue: isPastDue };
  return { json: JSON.stringify(info) };
}
