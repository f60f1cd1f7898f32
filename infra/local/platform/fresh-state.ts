import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What the platform itself puts into its state folder. */
const ours = [
  'ports.json',
  'clock.json',
  'endpoints.json',
  'servicebus.json',
  'servicebus',
  'azure',
  'functions',
  'logs',
];

/**
 * Empties a state folder, except the locks and the name of their owner. A folder that holds anything else is left alone: `--state ~ --fresh` must
 * not cost anybody their home.
 */
export function emptyStateFolder(stateDirectory: string): void {
  const foreign = readdirSync(stateDirectory).filter(
    (name) => !ours.includes(name) && !/\.(lock|lock-journal|partial|pid)$/.test(name),
  );
  if (foreign.length > 0) {
    throw new Error(
      `${stateDirectory} holds files that are not the platform's (${foreign.slice(0, 3).join(', ')}): not emptied.`,
    );
  }
  for (const name of ours) rmSync(join(stateDirectory, name), { recursive: true, force: true });
}
