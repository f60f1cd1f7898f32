import type { Fault } from '../workspace/fault.ts';

/** A fault of a part, as a fault of the whole that holds it under `path` (empty, or ending in a dot). */
export function faultUnder(path: string, found: Fault): Fault {
  return { ...found, field: found.field === '' ? path.replace(/\.$/, '') : `${path}${found.field}` };
}
