import type { Delivery } from 'rhea';
import type { Properties } from '../engine/message.ts';
import type { Settlement } from '../engine/settlement.ts';
import { plainToProperties } from './property-values.ts';

export type OutcomeName = 'accepted' | 'rejected' | 'released' | 'modified';

/** What a client's outcome asks for. Dead-lettering reasons travel in the error's info, as application properties. */
export function readOutcome(name: OutcomeName, delivery: Delivery): Settlement {
  const state: unknown = delivery.remote_state;
  switch (name) {
    case 'accepted':
      return { kind: 'complete' };
    case 'released':
      return { kind: 'release' };
    case 'rejected':
      return { kind: 'deadLetter', properties: withoutNulls(field(field(state, 'error'), 'info')) };
    case 'modified':
      return {
        kind: field(state, 'undeliverable_here') === true ? 'defer' : 'abandon',
        properties: plainToProperties(field(state, 'message_annotations')),
      };
  }
}

/** The SDK sends a reason that was not given as null; such a property is not set at all. */
function withoutNulls(info: unknown): Properties {
  return Object.fromEntries(Object.entries(plainToProperties(info)).filter(([, value]) => value !== null));
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  // rhea's fields are accessors of the prototype, so `Object.entries` would not see them.
  const found: unknown = Reflect.get(value, name);
  return found;
}
