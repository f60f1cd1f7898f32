import { setTimeout as pause } from 'node:timers/promises';

/** Real milliseconds between two looks. */
const lookEvery = 150;

/** Resolves when `look` answers undefined; fails with what it still misses after `withinSeconds` (real time, generous). */
export async function until(
  what: string,
  look: () => Promise<string | undefined>,
  withinSeconds = 75,
): Promise<void> {
  const deadline = performance.now() + withinSeconds * 1000;
  for (;;) {
    const missing = await look();
    if (missing === undefined) return;
    if (performance.now() > deadline)
      throw new Error(`${what}: still missing after ${withinSeconds} s: ${missing}`);
    await pause(lookEvery);
  }
}
