import { passThrough } from './pass-through.ts';

export interface Timed {
  text: string;
  milliseconds: number;
}

/** The slowest text so far. The better of two tries counts, so that a pause of the machine is not taken for a slow input. */
export class Slowest {
  found: Timed = { text: '', milliseconds: 0 };

  try(text: string): void {
    this.note(text, timeOf(text));
  }

  /** Takes the time of a first try, and tries again only what may be slower than all before. */
  note(text: string, first: number): void {
    if (first <= this.found.milliseconds) return;
    const milliseconds = Math.min(first, timeOf(text));
    if (milliseconds > this.found.milliseconds) this.found = { text, milliseconds };
  }

  /** Its time and its beginning. */
  describe(): string {
    const { text, milliseconds } = this.found;
    const shown = 300;
    const start = text.length <= shown ? text : `${text.slice(0, shown)}... (${text.length} characters)`;
    return `${milliseconds.toFixed(1)} ms: ${start}`;
  }
}

function timeOf(text: string): number {
  const began = cpuMilliseconds();
  passThrough(text);
  return cpuMilliseconds() - began;
}

/** Of this process: other work on the machine does not count. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
