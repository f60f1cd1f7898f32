import { stringAt } from '../json.ts';
import { expunge, type Machinery } from '../writes/machinery.ts';

/** The API server's --event-ttl default. */
const eventLifetime = 60 * 60 * 1000;

/** Drops events whose hour is over. Called when events are read or written, so that no timer waits for them. */
export function expireEvents(machinery: Machinery): void {
  const definition = machinery.registry.byStorageKey('/events');
  if (definition === undefined) return;
  const oldest = machinery.clock.now() - eventLifetime;
  for (const event of machinery.table.list('/events')) {
    const last =
      stringAt(event, 'lastTimestamp') ?? stringAt(event, 'eventTime') ?? event.metadata.creationTimestamp;
    if (Date.parse(last) < oldest) expunge(machinery, definition, event);
  }
}
