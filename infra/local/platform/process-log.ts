import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessName } from './process-name.ts';

const rotateBytes = 20 * 1024 * 1024;
const keptLines = 20;

/** The output of one process: to `logs/NAME.log`, to the caller, and the last lines for an error message. */
export class ProcessLog {
  readonly file: string;
  readonly #name: ProcessName;
  readonly #forward: (name: ProcessName, line: string) => void;
  #recent: string[] = [];

  constructor(stateDirectory: string, name: ProcessName, forward: (name: ProcessName, line: string) => void) {
    const directory = join(stateDirectory, 'logs');
    mkdirSync(directory, { recursive: true });
    this.file = join(directory, `${name}.log`);
    this.#name = name;
    this.#forward = forward;
    this.#rotate();
  }

  write(line: string): void {
    this.#recent = [...this.#recent, line].slice(-keptLines);
    appendFileSync(this.file, `${line}\n`);
    this.#forward(this.#name, line);
  }

  /** The last lines, indented for an error message. */
  tail(): string {
    return this.#recent.map((line) => `    ${line}`).join('\n');
  }

  #rotate(): void {
    const size = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > rotateBytes) renameSync(this.file, `${this.file}.1`);
  }
}
