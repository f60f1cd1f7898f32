import assert from 'node:assert/strict';
import type { Fault, Validated } from '../../../shared/workspace/fault.ts';

/** The faults of a result that must have some; each must say what is wrong, in few words, and what to write instead. */
export function faultsOf<T>(result: Validated<T>): Fault[] {
  assert.ok(!result.ok, `accepted: ${JSON.stringify(result)}`);
  for (const { field, message, remedy } of result.faults) {
    assert.ok(message.length > 5 && message.length < 600, message);
    assert.ok(remedy !== undefined && remedy.length > 5, `${field}: ${message}: no remedy`);
  }
  return result.faults;
}

/** Asserts one fault with this field, reason and message among the result's faults. */
export function assertFault<T>(result: Validated<T>, field: string, reason: string, message: RegExp): void {
  const faults = faultsOf(result);
  const found = faults.some(
    (fault) => fault.field === field && fault.reason === `FieldValue${reason}` && message.test(fault.message),
  );
  assert.ok(found, `no ${reason} at ${field} like ${message.source} in\n${JSON.stringify(faults, null, 1)}`);
}
