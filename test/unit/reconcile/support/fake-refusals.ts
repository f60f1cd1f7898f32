import type { Refusals } from '../../../../shared/kubernetes/cluster.ts';
import type { Refusal } from '../../../../shared/planning/refusal.ts';
import { refusalKey, withRefusals } from '../../../../shared/planning/refusal.ts';

/** Remembered refusals in memory. */
export class FakeRefusals implements Refusals {
  #known: Refusal[] = [];
  /** What the next writes are answered with, until taken away. */
  fault: Error | undefined;

  list(now: string): Promise<Refusal[]> {
    return Promise.resolve(withRefusals(this.#known, [], now));
  }

  remember(refusals: readonly Refusal[], now: string): Promise<void> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.#known = withRefusals(this.#known, refusals, now);
    return Promise.resolve();
  }

  forget(refusals: readonly Refusal[], now: string): Promise<void> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const keys = new Set(refusals.map(refusalKey));
    this.#known = withRefusals(
      this.#known.filter((one) => !keys.has(refusalKey(one))),
      [],
      now,
    );
    return Promise.resolve();
  }
}
