import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const main = resolve(import.meta.dirname, '../../../../infra/local/functions/main.ts');
const ready = z.object({ ready: z.literal(true), port: z.number(), url: z.string(), rpcUrl: z.string() });

export interface HostProcess {
  child: ChildProcess;
  /** What it logged so far. */
  log: () => string;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Runs `infra/local/functions/main.ts` with these arguments, an IPC channel open. */
export function spawnHost(
  parameters: readonly string[],
  environment: Record<string, string> = {},
): HostProcess {
  const child = spawn(process.execPath, [main, ...parameters], {
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

/** The one line a host prints on standard output once it serves. Throws with its log when it ends first. */
export async function whenReady({ child, ended, log }: HostProcess): Promise<z.output<typeof ready>> {
  if (child.stdout === null) throw new Error('the host has no standard output');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line'), ended]);
  if (!Array.isArray(line)) throw new Error(`the host ended (${line}) before it was ready:\n${log()}`);
  return ready.parse(JSON.parse(String(line[0])));
}
