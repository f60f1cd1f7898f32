import type { V1Volume } from './kubernetes-models.ts';
import type { JsonObject } from '../workspace/schema/structural-schema.ts';

/** A volume with the source that the user wrote; the API server judges it. */
export function asVolume(name: string, source: JsonObject): V1Volume {
  return { ...source, name };
}
