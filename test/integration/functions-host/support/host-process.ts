import { resolve } from 'node:path';
import { z } from 'zod';
import { readyLine, runProgram } from './child-process.ts';
import type { RunningProgram } from './child-process.ts';

const main = resolve(import.meta.dirname, '../../../../infra/local/functions/main.ts');
const ready = z.object({ ready: z.literal(true), port: z.number(), url: z.string(), rpcUrl: z.string() });

/** Runs `infra/local/functions/main.ts` with these arguments. */
export function spawnHost(
  parameters: readonly string[],
  environment?: Record<string, string>,
): RunningProgram {
  return runProgram(main, parameters, environment);
}

/** What a host says of itself once it serves. */
export async function whenReady(host: RunningProgram): Promise<z.output<typeof ready>> {
  return ready.parse(await readyLine(host));
}
