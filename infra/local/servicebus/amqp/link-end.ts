import type { Delivery, EventContext } from 'rhea';
import type { Settlement } from '../engine/settlement.ts';

/** The broker's end of one link. */
export interface LinkEnd {
  /** The link, its session or its connection is gone. */
  closed(): void;
  /** The client sent a message. */
  received?(message: Buffer, delivery: Delivery): void;
  /** The client changed its credit, or room came free. */
  flowed?(): void;
  /** The client decided about a message it was sent. */
  settled?(delivery: Delivery, settlement: Settlement): void;
}

export type Link = NonNullable<EventContext['sender']> | NonNullable<EventContext['receiver']>;
