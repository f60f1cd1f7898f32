/** Ten workspaces at once, where Azure takes one pool operation at a time: per pool, or per cluster. */
import assert from 'node:assert/strict';
import type { FaultyPlatform } from './faulty-platform.ts';

export const ten = Array.from({ length: 10 }, (_, index) => `at-once-${index}`);

/** How many operations Azure worked on at the same moment, as far as was seen. */
export class ConcurrencyWatch {
  #most = 0;
  readonly #platform: FaultyPlatform;

  constructor(platform: FaultyPlatform) {
    this.#platform = platform;
  }

  get most(): number {
    return this.#most;
  }

  async look(): Promise<void> {
    this.#most = Math.max(this.#most, (await this.#platform.busyPools()).length);
  }
}

/** Posts all at once, waits until all are Ready, and holds them to one pool each. */
export async function allReady(platform: FaultyPlatform, watch: ConcurrencyWatch): Promise<void> {
  const answers = await Promise.all(ten.map((name) => platform.post(name)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    ten.map(() => 202),
  );
  await platform.until('all Ready', async () => {
    await watch.look();
    const phases = ten.map((name) => platform.state(name)?.phase);
    assert.ok(!phases.includes('Failed'), JSON.stringify(ten.map((name) => platform.state(name)?.failure)));
    return phases.every((phase) => phase === 'Ready');
  });
  for (const name of ten) {
    assert.equal((await platform.poolsOf(name)).length, 1, name);
    assert.deepEqual(
      platform.state(name)?.pools.map(({ generation }) => generation),
      [1],
      name,
    );
  }
}
