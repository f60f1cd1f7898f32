import assert from 'node:assert/strict';
import type { Fault, Validated } from '../../../shared/workspace/fault.ts';

/** The faults of a result that must have some; each must say what to do or be clear by itself. */
export function faultsOf<T>(result: Validated<T>): Fault[] {
  assert.ok(!result.ok, `accepted: ${JSON.stringify(result)}`);
  for (const fault of result.faults)
    assert.ok(fault.message.length > 5 && fault.message.length < 600, fault.message);
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
