import type { Behaviour } from '../resources/definition.ts';

/** What built-in kinds do beyond their schema, by plural. */
export const behaviours: Record<string, Behaviour> = {};
