import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` gives a value that is neither false nor undefined. Throws after a generous ceiling. */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  what = 'the condition',
  ceilingMilliseconds = 30_000,
): Promise<Exclude<Value, false | undefined>> {
  const deadline = performance.now() + ceilingMilliseconds;
  for (;;) {
    const value = await condition();
    if (isMet(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`${what} did not come true in ${ceilingMilliseconds} ms`);
    await delay(5);
  }
}

function isMet<Value>(value: Value): value is Exclude<Value, false | undefined> {
  return value !== false && value !== undefined;
}
