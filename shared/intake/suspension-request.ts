import { isRecord } from '../workspace/json-object.ts';
import { CauseReason, shown } from '../workspace/fault.ts';
import type { Fault } from '../workspace/fault.ts';
import { rfc3339Remedy, rfc3339Time, suspendModes } from '../workspace/lifetime-options.ts';

/** What the body of a suspend or a resume asks for. */
export interface SuspensionRequest {
  suspended: boolean;
  /** Null: as the workspace's annotation says. */
  mode: (typeof suspendModes)[number] | null;
  /** ISO 8601, UTC: from then on it counts no longer; null: not said. */
  until: string | null;
}

export type ReadSuspension = { ok: true; request: SuspensionRequest } | { ok: false; faults: Fault[] };

/** Reads `{mode?, until?}` of a suspend, `{until?}` of a resume; an empty body is an empty object. */
export function readSuspension(suspended: boolean, document: unknown): ReadSuspension {
  if (!isRecord(document)) {
    const message = `must be an object, not ${shown(document)}`;
    return { ok: false, faults: [{ field: '', reason: CauseReason.TypeInvalid, message }] };
  }
  const known = suspended ? ['mode', 'until'] : ['until'];
  const faults = Object.keys(document)
    .filter((field) => !known.includes(field))
    .map((field) => unknownField(field, known));
  const { mode, until } = document;
  const request: SuspensionRequest = { suspended, mode: null, until: null };
  if (suspended && mode !== undefined && mode !== null) {
    request.mode = suspendModes.find((word) => word === mode) ?? null;
    if (request.mode === null) faults.push(unknownMode(mode));
  }
  if (until !== undefined && until !== null) {
    request.until = typeof until === 'string' ? (rfc3339Time(until) ?? null) : null;
    if (request.until === null) faults.push(noTime(until));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, request };
}

function unknownField(field: string, known: readonly string[]): Fault {
  return {
    field: field.slice(0, 120),
    reason: CauseReason.NotSupported,
    message: `${shown(field)} is not a known field`,
    remedy: `remove it; known: ${known.join(', ')}`,
  };
}

function unknownMode(mode: unknown): Fault {
  return {
    field: 'mode',
    reason: typeof mode === 'string' ? CauseReason.NotSupported : CauseReason.TypeInvalid,
    message: `${shown(mode)} is not supported`,
    remedy: `write ${suspendModes.join(' or ')}`,
  };
}

function noTime(until: unknown): Fault {
  return {
    field: 'until',
    reason: typeof until === 'string' ? CauseReason.Invalid : CauseReason.TypeInvalid,
    message: `${shown(until)} is not a time`,
    remedy: rfc3339Remedy,
  };
}
