import { isoNow } from '../clock/clock.ts';
import type { Clock } from '../clock/clock.ts';
import type { LogLevel } from './contract.ts';

/** One line of the host's log. Categories are the real host's: `Host.Startup`, `Function.X`, `Function.X.User`, ... */
export type HostLog = (level: LogLevel, category: string, message: string) => void;

const severity: Record<string, number> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

export interface LogOptions {
  clock: Clock;
  write: (line: string) => void;
  /** host.json `logging.logLevel`: category prefix to least level; `default` for the rest. */
  levels: Record<string, string>;
  /** Without it lines of the host itself (`Host.*`) below warning are left out, as `func` does. */
  verbose: boolean;
}

/** A log that writes `[<ISO time>] text`, as `func` does, for the categories and levels that host.json lets through. */
export function createHostLog({ clock, write, levels, verbose }: LogOptions): HostLog {
  return (level, category, message) => {
    const least =
      leastLevel(category, levels) ?? (category.startsWith('Host.') && !verbose ? 'warning' : 'information');
    if ((severity[level] ?? 0) < (severity[least.toLowerCase()] ?? 0)) return;
    const mark = level === 'error' || level === 'warning' ? `${level}: ` : '';
    write(`[${isoNow(clock)}] ${mark}${message}`);
  };
}

/** The longest dotted prefix of `category` that has a level, else `default`. */
function leastLevel(category: string, levels: Record<string, string>): string | undefined {
  const parts = category.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const level = levels[parts.slice(0, length).join('.')];
    if (level !== undefined) return level;
  }
  return levels['default'];
}
