import { hasEnded, type Instance } from '../store/instances.ts';
import type { HistoryView } from './history-view.ts';

/** An instance as the status API shows it. */
export interface StatusView {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  /** ISO 8601 to the second, as the extension writes them. */
  createdTime: string;
  lastUpdatedTime: string;
  historyEvents?: HistoryView[];
}

export function runtimeStatus(instance: Instance): string {
  return instance.suspended && !hasEnded(instance) ? 'Suspended' : instance.status;
}

export function statusView(
  instance: Instance,
  options: { showInput: boolean; history?: HistoryView[] | undefined },
): StatusView {
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: runtimeStatus(instance),
    input: options.showInput ? fromJson(instance.input) : null,
    customStatus: fromJson(instance.customStatus),
    output: fromJson(instance.output),
    createdTime: toSeconds(instance.created),
    lastUpdatedTime: toSeconds(instance.updated),
    ...(options.history === undefined ? {} : { historyEvents: options.history }),
  };
}

export function toSeconds(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
