import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const test = fileURLToPath(new URL('../faults/matrix.test.ts', import.meta.url));
const largestOutput = 16 * 2 ** 20;

/** Rounds of random faults at random steps through the whole platform, on the stepped clock; rejects with the seed and what failed. */
export async function runPlatformSchedules(rounds: number): Promise<void> {
  await promisify(execFile)(process.execPath, ['--test', '--test-timeout=3600000', test], {
    env: { ...process.env, FAULT_ROUNDS: String(rounds) },
    maxBuffer: largestOutput,
  });
  console.log(`${rounds} rounds of faults on the whole platform ended well`);
}
