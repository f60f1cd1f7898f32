/** Why a field is refused: the cause types of a Kubernetes `Status` (`meta/v1`, `CauseType`). */
export const CauseReason = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Duplicate: 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  NotFound: 'FieldValueNotFound',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
  TypeInvalid: 'FieldValueTypeInvalid',
} as const;
export type CauseReason = (typeof CauseReason)[keyof typeof CauseReason];

/** One thing wrong with a document, told so that its author can mend it. */
export interface Fault {
  /** JSON path of the field (`resource.instanceType`, `inference.adapters[0].source`); empty for the whole document. */
  field: string;
  reason: CauseReason;
  /** What is wrong, with the bad value. */
  message: string;
  /** What to write instead. */
  remedy?: string;
}

/** Either a value with remarks that do not refuse it, or every fault found. */
export type Validated<T> = { ok: true; value: T; warnings: string[] } | { ok: false; faults: Fault[] };

/** Collects faults and warnings while rules run, so that all are reported at once. */
export interface Findings {
  faults: Fault[];
  warnings: string[];
}

export function noFindings(): Findings {
  return { faults: [], warnings: [] };
}

/** Longest part of a refused value that a message repeats. */
const shownCharacters = 80;

/** A refused value as a message shows it: quoted when text, shortened when long. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${shortened(value)}"`;
    case 'undefined':
      return 'nothing';
    case 'object':
      return shortened(jsonOf(value));
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    case 'number':
    case 'bigint':
    case 'boolean':
      // JSON has no word for NaN, nor for large integers.
      return shortened(String(value));
  }
}

function jsonOf(value: object | null): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'an object that JSON cannot show';
  }
}

/** Text from a document as a message repeats it. */
export function shortened(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text;
}
