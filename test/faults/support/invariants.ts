/** Invariants that hold at every moment, whatever goes wrong. */
import type { PlatformHarness } from '../../harness/platform.ts';
import { pools, readState } from '../../harness/workspaces.ts';

const workspaces = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };

/** Looks at records and Azure whenever something about pools may have changed. Throws where an invariant does not hold. */
export class InvariantWatch {
  readonly #harness: PlatformHarness;
  /** By name, the uid last seen: deleted records are asked about too. */
  readonly #uids = new Map<string, string>();
  #poolCalls = -1;

  constructor(harness: PlatformHarness) {
    this.#harness = harness;
  }

  uidOf(name: string): string {
    const uid = this.#uids.get(name) ?? readState(this.#harness, name)?.uid;
    if (uid === undefined) throw new Error(`no workspace ${name} has been seen`);
    return uid;
  }

  /** I1: at most one live allocation, in the record and in Azure. */
  async check(): Promise<void> {
    const released = new Map<string, Set<string>>();
    for (const { metadata } of this.#harness.store.list(workspaces)) {
      const state = readState(this.#harness, metadata.name);
      if (state === undefined) continue;
      this.#uids.set(metadata.name, state.uid);
      const live = state.pools.filter(({ wish }) => wish === 'present');
      if (live.length > 1) throw new Error(`I1: ${metadata.name} wishes for ${JSON.stringify(live)}`);
      released.set(
        state.uid,
        new Set(state.pools.flatMap(({ pool, wish }) => (wish === 'absent' ? [pool] : []))),
      );
    }
    const { methods } = this.#harness.azure.counts();
    const calls = (methods['PUT'] ?? 0) + (methods['DELETE'] ?? 0);
    if (calls === this.#poolCalls) return;
    this.#poolCalls = calls;
    await this.#checkPools(released);
  }

  async #checkPools(released: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    const live = new Map<string, string[]>();
    for (const { name, uid, state } of await pools(this.#harness)) {
      if (state === 'Deleting' || released.get(uid)?.has(name) === true) continue;
      live.set(uid, [...(live.get(uid) ?? []), name]);
    }
    for (const [uid, names] of live) {
      if (names.length > 1) throw new Error(`I1: workspace ${uid} holds ${names.join(' and ')}`);
    }
  }
}
