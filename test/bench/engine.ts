import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Figure } from './figure.ts';

const run = promisify(execFile);
const figures = z.object({ orchestrationsPerSecond: z.number(), episodesPerSecond: z.number() });

/** The Durable engine alone, by `durable-engine.ts`, whose last line is its figures. */
export async function measureEngine(): Promise<Figure[]> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'durable-engine.ts')]);
  const measured = figures.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  return [
    { name: 'engine: orchestrations', value: measured.orchestrationsPerSecond, unit: '1/s' },
    { name: 'engine: episodes', value: measured.episodesPerSecond, unit: '1/s' },
  ];
}
