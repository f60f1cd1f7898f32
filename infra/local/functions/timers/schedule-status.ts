import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const scheduleStatus = z.object({ Last: z.string(), Next: z.string(), LastUpdated: z.string() });

/** When a timer last fired and is due next; ISO times. Kept across restarts, so that a missed occurrence shows. */
export type ScheduleStatus = z.output<typeof scheduleStatus>;

/** .NET's default DateTime: the timer has never fired. */
export const never = '0001-01-01T00:00:00.000Z';

/** One JSON file per timer, replaced as a whole. */
export class ScheduleStatusFile {
  readonly #file: string;

  constructor(dataDirectory: string, functionName: string) {
    this.#file = join(dataDirectory, 'timers', `${functionName}.json`);
  }

  /** Undefined when the timer has no status yet. */
  read(): ScheduleStatus | undefined {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    return scheduleStatus.parse(JSON.parse(text));
  }

  write(status: ScheduleStatus): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    const draft = `${this.#file}.draft`;
    writeFileSync(draft, JSON.stringify(status));
    renameSync(draft, this.#file);
  }
}
