import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program of the platform under test: its log so far, and how it ended. */
export interface RunningProgram {
  child: ChildProcess;
  log: () => string;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Runs a TypeScript program with an IPC channel open. */
export function runProgram(
  file: string,
  parameters: readonly string[],
  environment: Record<string, string> = {},
): RunningProgram {
  const child = spawn(process.execPath, [file, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals>((settle) => {
    child.on('exit', (code, signal) => settle(code ?? signal ?? 'SIGKILL'));
  });
  return { child, log: () => text, ended };
}

/** The first line on standard output, as JSON. Throws with the log when the program ends before it. */
export async function readyLine({ child, ended, log }: RunningProgram): Promise<unknown> {
  if (child.stdout === null) throw new Error('the program has no standard output');
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (!Array.isArray(line)) throw new Error(`the program ended (${line}) before it was ready:\n${log()}`);
  return JSON.parse(String(line[0]));
}
