/** Lives of workspaces, each with one event gone wrong: all must end like one where nothing happened. */
import assert from 'node:assert/strict';
import { startDurableEngine } from '../../infra/local/durable/engine.ts';
import { workspaceInstanceId } from '../../shared/lifecycle/workspace-key.ts';
import type { LifeEvents, Victim } from '../harness/event-gate.ts';
import { EventGate } from '../harness/event-gate.ts';
import {
  askFor,
  askForDelete,
  poolWrites,
  startPlatform,
  uidOf,
  untilNothingLeft,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

/** What a life looks like where it is Ready, apart from names and uids. */
export interface Outcome {
  state: string;
  conditions: Record<string, string>;
  nodes: number;
  pools: number;
  objects: string[];
}

export interface Life {
  name: string;
  outcome: Outcome;
  events: LifeEvents;
}

/**
 * Virtual seconds until Ready and until gone, however bad the event: twice what a life takes here with others beside it, and the
 * longest re-check. Without a bound, a loss that only the 14th day heals would pass.
 */
const patienceSeconds = 3600;

/** Fewer would mean that a test strikes nothing. */
const fewestStruck = 8;

/** The events of the cluster's own orchestration count under this name. */
export const clusterLife = 'the cluster';

export class EventLives {
  readonly platform: PlatformHarness;
  readonly gate: EventGate;
  readonly #names: Set<string>;
  #count = 0;

  private constructor(parts: { platform: PlatformHarness; gate: EventGate; names: Set<string> }) {
    this.platform = parts.platform;
    this.gate = parts.gate;
    this.#names = parts.names;
  }

  static async start(): Promise<EventLives> {
    const names = new Set<string>();
    const instances = new Map([['cluster-demo', clusterLife]]);
    const gate = new EventGate((kind, text) => {
      if (kind === 'message') return /"name":"(life-\d+)"/.exec(text)?.[1];
      for (const name of names) {
        const uid = readState(platform, name)?.uid;
        const key = { cluster: 'demo', namespace: 'default', name };
        if (uid !== undefined) instances.set(workspaceInstanceId(key, uid), name);
      }
      return instances.get(text);
    });
    const platform = await startPlatform({
      arriving: gate.arriving,
      durable: (options) => gate.around(startDurableEngine(options)),
    });
    return new EventLives({ platform, gate, names });
  }

  /** A life in which nothing goes wrong. */
  async usual(): Promise<Life> {
    const [life] = await this.live([undefined]);
    assert.ok(life);
    const { state, nodes, pools } = life.outcome;
    assert.deepEqual({ state, nodes, pools }, { state: 'Ready', nodes: 1, pools: 1 });
    return life;
  }

  /** Lives one life for each victim, all at once. */
  async live(victims: readonly (Victim | undefined)[]): Promise<Life[]> {
    const { platform } = this;
    const begun = victims.map((victim) => {
      const name = `life-${this.#count++}`;
      this.#names.add(name);
      return { name, events: this.gate.watch(name, victim) };
    });
    for (const { name } of begun) await askFor(platform, 'http', workspaceDocument(name));
    await this.#all('Ready', begun);
    const lives: Life[] = [];
    for (const life of begun) lives.push({ ...life, outcome: await this.#outcome(life.name) });
    const uids = begun.map(({ name }) => uidOf(platform, name));
    for (const { name } of begun) await askForDelete(platform, 'http', name);
    await this.#all('Gone', begun);
    for (const [index, { name }] of begun.entries())
      await untilNothingLeft(platform, name, uids[index] ?? '');
    return lives;
  }

  /** Lives as many lives as `usual` had events of this kind, in each of which another one goes wrong; all must end like it. */
  async expectAlike(usual: Life, { kind, fate }: Omit<Victim, 'index'>): Promise<string[]> {
    const count = usual.events.passed[kind].length;
    const puts = poolWrites(this.platform);
    const ended = await this.live(Array.from({ length: count }, (_, index) => ({ kind, index, fate })));
    for (const [index, { outcome, events }] of ended.entries())
      assert.deepEqual(outcome, usual.outcome, `event ${index}, ${events.struck}`);
    assert.equal(poolWrites(this.platform) - puts, count, 'each asked for one pool, once');
    const struck = ended.flatMap(({ events }) => events.struck ?? []);
    // Observations may fall together when many lives share a cluster, so the last ones need not come by.
    assert.ok(struck.length >= fewestStruck, `${struck.length} of ${count} events came by`);
    return struck;
  }

  async #all(phase: string, lives: readonly { name: string }[]): Promise<void> {
    const { clock } = this.platform;
    const deadline = clock.now() + patienceSeconds * 1000;
    await this.platform.until(`all are ${phase}`, () => {
      const late = lives.filter(({ name }) => phaseOf(this.platform, name) !== phase);
      const told = late.map(({ name }) => `${name} is ${phaseOf(this.platform, name)}`);
      assert.ok(clock.now() <= deadline, `after ${patienceSeconds} s ${told.join(', ')}`);
      return late.length === 0;
    });
  }

  async #outcome(name: string): Promise<Outcome> {
    const state = readState(this.platform, name);
    return {
      state: state?.state ?? '',
      conditions: state?.conditions ?? {},
      nodes: state?.workerNodes.length ?? 0,
      pools: (await pools(this.platform)).filter((pool) => pool.uid === state?.uid).length,
      objects: objectsOf(this.platform, name).map((object) => object.replaceAll(name, 'NAME')),
    };
  }
}
