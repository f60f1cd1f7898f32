import type { HostFunction } from './invoker.ts';
import { timerInfo } from './timers/timer-info.ts';
import { ScheduleStatusFile } from './timers/schedule-status.ts';
import type { WorkerTypedData } from './worker/protocol.ts';

/** Trigger value of a run by hand: the given text, for a timer without one its own timer object. */
export function manualTrigger(
  fn: HostFunction,
  input: string | undefined,
  dataDirectory: string,
): WorkerTypedData {
  if (input === undefined && fn.trigger.type.toLowerCase() === 'timertrigger') {
    return timerInfo(new ScheduleStatusFile(dataDirectory, fn.name).read(), false);
  }
  const text = input ?? '';
  return fn.trigger.options['dataType'] === 'binary' ? { bytes: Buffer.from(text) } : { string: text };
}
