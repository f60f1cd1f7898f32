import type { Fault } from '../fault.ts';

/** What reading a text gives: a plain JSON value, or why there is none. */
export type Parsed = { ok: true; value: unknown } | { ok: false; faults: Fault[] };
