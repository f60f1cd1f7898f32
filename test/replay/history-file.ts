/** Recorded runs of orchestrators: what the host handed over, so that later code can be run over it again. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const historiesDirectory = fileURLToPath(new URL('histories', import.meta.url));

const recordedHistory = z.object({
  /** Name of the orchestrator function. */
  orchestrator: z.string(),
  /** The tasks that were started, in order: what the run is about. */
  tasks: z.array(z.string()),
  /** The trigger's payload as the host sends it, with its history inside. */
  payload: z.looseObject({ history: z.array(z.unknown()) }),
});
export type RecordedHistory = z.infer<typeof recordedHistory>;

export function readHistories(): (RecordedHistory & { file: string })[] {
  return readdirSync(historiesDirectory)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      file,
      ...recordedHistory.parse(JSON.parse(readFileSync(`${historiesDirectory}/${file}`, 'utf8'))),
    }));
}
