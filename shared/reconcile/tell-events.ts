import type { RecordReference } from '../events/event-types.ts';
import { SlipwayError } from '../errors/slipway-error.ts';
import type { EventNote } from '../lifecycle/trail-events.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Services } from './services.ts';

/**
 * Tells a workspace's story as Kubernetes Events too. Best effort: what cannot be told is logged and stands in the trail all the same; the
 * rest of a list is not tried then, for it would fail alike.
 */
export async function tellEvents(
  services: Services,
  { cluster, namespace, name, uid }: RecordReference,
  notes: readonly EventNote[],
  log: Logger,
): Promise<void> {
  try {
    const { connection } = await services.cluster(cluster);
    for (const note of notes) {
      await connection.events.record({ workspace: { namespace, name }, uid, ...note });
    }
  } catch (error) {
    const code = error instanceof SlipwayError ? error.code : 'Unexpected';
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('Kubernetes Events were not written', { cluster, namespace, name, uid, code, reason });
  }
}
