import { readFileSync } from 'node:fs';
import type { Platform } from '../../infra/local/platform/platform.ts';
import { processNames } from '../../infra/local/platform/process-name.ts';
import type { Figure } from './figure.ts';

/** Resident memory of each process of the platform, now, as Linux tells it. */
export function residentMemory({ endpoints }: Platform, when: string): Figure[] {
  return processNames.flatMap((name) => {
    const pid = endpoints.processes[name];
    if (pid === undefined) return [];
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    return [{ name: `RSS of ${name}, ${when}`, value: kibibytes / 1024, unit: 'MiB' }];
  });
}
