import type { LogValue } from './field.ts';
import { toLogValue } from './field.ts';
import { redactText } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the log: plain JSON, already redacted. */
export interface LogEntry {
  level: LogLevel;
  message: string;
  fields: Record<string, LogValue>;
}

/** Where entries go; the functions pass one that writes to `context.log`. */
export type LogSink = (entry: LogEntry) => void;

export type LogFields = Record<string, unknown>;

/** A structured log. Fields are facts by name; the message is one constant sentence that can be searched for. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  with(fields: LogFields): Logger;
}

/** Secrets are redacted here, before any sink sees them. */
export function createLogger(sink: LogSink, bound: LogFields = {}): Logger {
  const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    const all = Object.entries({ ...bound, ...fields }).filter(([, value]) => value !== undefined);
    const clean = toLogValue(Object.fromEntries(all));
    sink({ level, message: redactText(message), fields: isRecord(clean) ? clean : {} });
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    with: (fields) => createLogger(sink, { ...bound, ...fields }),
  };
}

/** For callers that log nothing. */
export const silentLogger: Logger = createLogger(() => undefined);

function isRecord(value: LogValue): value is Record<string, LogValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
