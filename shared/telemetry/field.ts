import { SlipwayError } from '../errors/slipway-error.ts';
import { isSecretName, redacted, redactText } from './redact.ts';

/** What may stand in a log line: JSON. */
export type LogValue = string | number | boolean | null | LogValue[] | { [name: string]: LogValue };

/** Deeper than this nobody reads a log line, and a cycle ends here. */
const maxDepth = 6;
const maxText = 4096;

/** Any value as redacted JSON; errors keep code, message, remedy and cause, never their other fields. */
export function toLogValue(value: unknown, depth = 0): LogValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return shorten(redactText(value));
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (depth >= maxDepth) return '[deeper]';
  if (value instanceof Error) return fromError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return value.map((item) => toLogValue(item, depth + 1));
  if (typeof value === 'object') return fromObject(value, depth);
  return typeof value === 'bigint' ? value.toString() : `[${typeof value}]`;
}

function fromObject(value: object, depth: number): LogValue {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    fields.map(([name, field]) => [name, isSecretName(name) ? redacted : toLogValue(field, depth + 1)]),
  );
}

function fromError(error: Error, depth: number): LogValue {
  const told = error instanceof SlipwayError ? { code: error.code, remedy: error.remedy } : {};
  return fromObject({ name: error.name, ...told, message: error.message, cause: error.cause }, depth);
}

function shorten(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}...`;
}
