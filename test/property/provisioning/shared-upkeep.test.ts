/**
 * A shared pool in a model of Azure: claims come, grow, are refused and go, machines are late, lost and dead, operations fail, and whoever
 * tends crashes between any two steps. Whatever happened, tending comes to the wished end, and no machine of a live claim is ever removed.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type {
  ClaimFacts,
  SharedNodeFacts,
  SharedPoolFacts,
  Upkeep,
  UpkeepOrder,
} from '../../../shared/provisioning/shared-upkeep.ts';
import { isNothing, planUpkeep } from '../../../shared/provisioning/shared-upkeep.ts';
import { seed } from '../core/seed.ts';

const numRuns = 1500;
const claimNames = ['a', 'b', 'c', 'd'];

type Deed =
  | { do: 'claim'; name: string; wanted: number }
  | { do: 'release' | 'discard' | 'lose' | 'replace'; name: string }
  | { do: 'tend'; crash: number }
  | { do: 'finish'; fails: boolean; joins: number };

interface Machine {
  name: string;
  claim: string | undefined;
  joined: boolean;
  leaving: boolean;
}

class Model {
  readonly claims = new Map<string, ClaimFacts>();
  readonly #discarded = new Set<string>();
  #machines: Machine[] = [];
  #pool:
    { count: number; state: SharedPoolFacts['state']; work?: 'resize' | 'shrink' | 'delete' } | undefined;
  #made = 0;
  #time = 0;

  do(deed: Deed): void {
    switch (deed.do) {
      case 'claim': {
        const known = this.claims.get(deed.name);
        if (known?.released === true) return;
        this.#time += 1;
        const createdAt = known?.createdAt ?? `2026-11-01T00:${String(this.#time).padStart(4, '0')}`;
        const fresh = { name: deed.name, createdAt, released: false, refused: false, awaited: [] };
        this.claims.set(deed.name, { ...fresh, ...known, wanted: deed.wanted, refused: false });
        return;
      }
      case 'release':
        this.#change(deed.name, { released: true, wanted: 0 });
        return;
      case 'replace':
        this.#change(deed.name, { refused: false });
        return;
      case 'discard': {
        const machine = this.#machines.find(({ claim, joined }) => claim === deed.name && joined);
        if (machine !== undefined) this.#discarded.add(machine.name);
        return;
      }
      case 'lose':
        this.#machines = this.#machines.filter(
          ({ claim }, index, all) =>
            claim !== deed.name || all.findIndex((one) => one.claim === claim) !== index,
        );
        return;
      case 'tend':
        this.tend(deed.crash);
        return;
      case 'finish':
        this.finish(deed.fails, deed.joins);
    }
  }

  /** Carries out the plan up to its `crash`-th effect; answers whether there was nothing to do. */
  tend(crash = Infinity): boolean {
    const facts = { pool: this.#facts(), claims: [...this.claims.values()], nodes: this.#nodes() };
    const rough = planUpkeep(facts);
    const looked = rough.order?.kind === 'look';
    const plan = looked ? planUpkeep({ ...facts, machines: this.#machines.map(({ name }) => name) }) : rough;
    for (const effect of this.#effects(plan).slice(0, crash)) effect();
    return isNothing(plan);
  }

  /** The running operation ends; `joins` of the machines that have not joined do. */
  finish(fails: boolean, joins: number): void {
    const pool = this.#pool;
    if (pool?.work === 'delete') {
      this.#pool = undefined;
      this.#machines = [];
      return;
    }
    if (pool?.work !== undefined) {
      if (pool.work === 'resize' && !fails)
        while (this.#machines.length < pool.count) this.#machines.push(this.#machine());
      if (pool.work === 'shrink') {
        this.#machines = this.#machines.filter(({ leaving }) => fails || !leaving);
        pool.count = this.#machines.length;
      }
      for (const machine of this.#machines) machine.leaving = false;
      this.#pool = { count: pool.count, state: fails ? 'failed' : 'succeeded' };
    }
    for (const machine of this.#machines.filter(({ joined }) => !joined).slice(0, joins))
      machine.joined = true;
  }

  nodesOf(name: string): number {
    const own = this.#machines.filter(({ claim, joined }) => claim === name && joined);
    return own.filter((machine) => !this.#discarded.has(machine.name)).length;
  }

  get size(): number {
    return this.#machines.length;
  }

  get gone(): boolean {
    return this.#pool === undefined;
  }

  #change(name: string, change: Partial<ClaimFacts>): void {
    const claim = this.claims.get(name);
    if (claim !== undefined) this.claims.set(name, { ...claim, ...change });
  }

  #effects({ labels, awaited, refusals, drops, order }: Upkeep): (() => void)[] {
    return [
      ...labels.map(({ node, claim }) => () => {
        const machine = this.#machines.find(({ name }) => name === node) ?? assert.fail(`no node ${node}`);
        assert.equal(machine.claim, undefined, `${node} serves ${machine.claim ?? ''} already`);
        machine.claim = claim;
      }),
      ...awaited.map(
        ({ claim, machines }) =>
          () =>
            this.#change(claim, { awaited: machines }),
      ),
      ...refusals.map(
        ({ claim }) =>
          () =>
            this.#change(claim, { refused: true }),
      ),
      ...drops.map((name) => () => {
        assert.ok(
          this.#machines.every(({ claim }) => claim !== name),
          `a machine of ${name} is left`,
        );
        this.claims.delete(name);
      }),
      ...(order === undefined ? [] : [() => this.#obey(order)]),
    ];
  }

  #obey(order: UpkeepOrder): void {
    const pool = this.#pool;
    assert.ok(order.kind === 'remove-pool' || pool?.work === undefined, 'Azure is busy with the pool');
    switch (order.kind) {
      case 'look':
        assert.fail('it was looked');
        return;
      case 'grow': {
        const count = order.base + order.shares.reduce((sum, { missing }) => sum + missing, 0);
        assert.ok(count >= this.#machines.length, 'a PUT that shrinks lets Azure choose who loses a machine');
        this.#pool = { count, state: pool === undefined ? 'creating' : 'updating', work: 'resize' };
        return;
      }
      case 'settle':
        assert.ok(pool && order.count === this.#machines.length, 'settled to what there is');
        this.#pool = { count: order.count, state: 'updating', work: 'resize' };
        return;
      case 'remove-machines':
        assert.ok(pool && order.machines.length > 0);
        this.#pool = { count: pool.count, state: 'updating', work: 'shrink' };
        for (const name of order.machines) this.#leave(name);
        this.#checkKept();
        return;
      case 'remove-pool':
        assert.ok(
          [...this.claims.values()].every(({ released }) => released),
          'a claim is live',
        );
        if (pool !== undefined) this.#pool = { count: pool.count, state: 'deleting', work: 'delete' };
    }
  }

  #leave(name: string): void {
    const machine = this.#machines.find((one) => one.name === name) ?? assert.fail(`no machine ${name}`);
    machine.leaving = true;
  }

  /** Invariant I3: a live claim keeps as many good nodes as it is to have, if it had them. */
  #checkKept(): void {
    for (const { name, wanted } of this.claims.values()) {
      const good = this.#machines.filter(
        (machine) => machine.claim === name && machine.joined && !this.#discarded.has(machine.name),
      );
      const kept = good.filter(({ leaving }) => !leaving).length;
      assert.ok(
        kept >= Math.min(wanted, good.length),
        `${name} keeps ${kept} of ${good.length}, wants ${wanted}`,
      );
    }
  }

  #facts(): SharedPoolFacts | undefined {
    const pool = this.#pool;
    if (pool === undefined) return undefined;
    const { count, state, work } = pool;
    const failure = { class: 'next-rung', code: 'AllocationFailed', message: 'none' } as const;
    return {
      count,
      state,
      stopped: false,
      shrinking: work === 'shrink',
      ...(state === 'failed' ? { failure } : {}),
    };
  }

  #nodes(): SharedNodeFacts[] {
    return this.#machines
      .filter(({ joined }) => joined)
      .map(({ name, claim, leaving }) => ({
        name,
        claim,
        ready: true,
        deleting: leaving,
        discarded: this.#discarded.has(name),
      }));
  }

  #machine(): Machine {
    this.#made += 1;
    const name = `m${String(this.#made).padStart(4, '0')}`;
    return { name, claim: undefined, joined: false, leaving: false };
  }
}

const name = fc.constantFrom(...claimNames);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('claim' as const), name, wanted: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('release', 'discard', 'lose', 'replace'), name }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('tend' as const), crash: fc.integer({ min: 0, max: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      fails: fc.boolean(),
      joins: fc.integer({ min: 0, max: 4 }),
    }),
  },
);

/** Tends and lets Azure work until nothing is to be done. */
function settle(model: Model): void {
  for (let step = 0; step < 60; step += 1) {
    const idle = model.tend();
    model.finish(false, Infinity);
    if (idle && model.tend()) return;
  }
  assert.fail('never comes to rest');
}

describe('tending a shared pool', () => {
  it('comes to what the claims want, whatever happened before', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
        const model = new Model();
        for (const one of deeds) model.do(one);
        settle(model);
        let wanted = 0;
        for (const claim of model.claims.values()) {
          assert.equal(claim.released, false, `${claim.name} is released and still there`);
          if (claim.refused) wanted += model.nodesOf(claim.name);
          else {
            assert.equal(model.nodesOf(claim.name), claim.wanted, `nodes of ${claim.name}`);
            wanted += claim.wanted;
          }
        }
        assert.equal(model.size, wanted, 'machines');
        for (const claim of claimNames) model.do({ do: 'release', name: claim });
        settle(model);
        assert.ok(model.gone && model.claims.size === 0 && model.size === 0, 'something is left');
      }),
      { seed: seed('tending a shared pool'), numRuns },
    );
  });
});
