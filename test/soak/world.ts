import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessName } from '../../infra/local/platform/process-name.ts';
import { processNames } from '../../infra/local/platform/process-name.ts';
import {
  answerOf,
  requestCreation,
  requestDeletion,
  workspaceDocument,
} from '../faults/kill/support/requests.ts';
import type { Wanted } from '../faults/kill/support/requests.ts';
import type { SeededRandom } from '../faults/kill/support/seeded-random.ts';
import type { Slipway } from '../faults/kill/support/slipway.ts';
import { faultMenu, setFaults } from './faults.ts';

const mostAtOnce = 10;
/** Names that HTTP uses again and again, so that workspaces are made anew under an old name. */
const httpNames = 8;

/** What was done so far, by kind. */
export type Deeds = Record<string, number>;

/** Random users, operators and misfortune. */
export class World {
  readonly wanted = new Map<string, Wanted>();
  readonly deeds: Deeds = {};
  readonly #slipway: Slipway;
  readonly #random: SeededRandom;
  #queued = 0;
  #revision = 0;

  constructor(slipway: Slipway, random: SeededRandom) {
    this.#slipway = slipway;
    this.#random = random;
  }

  /** Does one thing, and waits a moment. */
  async step(): Promise<void> {
    const chance = this.#random.next();
    if (chance < 0.35) await this.#create();
    else if (chance < 0.5) await this.#delete();
    else if (chance < 0.6) await this.#update();
    else if (chance < 0.8) await this.#kill();
    else if (chance < 0.9) await this.#fault();
    await pause(this.#random.between(0, 1200));
  }

  async deleteEverything(): Promise<void> {
    while (this.wanted.size > 0) await this.#delete();
  }

  async #create(): Promise<void> {
    if (this.wanted.size >= mostAtOnce) return;
    if (this.#random.next() < 0.5) {
      const queued: Wanted = { name: `queued-${(this.#queued += 1)}`, door: 'queue' };
      await requestCreation(this.#slipway, queued);
      // People send again when they see nothing happen.
      if (this.#random.next() < 0.3) await requestCreation(this.#slipway, queued);
      this.#keep(queued, 'created by queue');
      return;
    }
    const name = `http-${this.#random.between(1, httpNames)}`;
    const body = workspaceDocument(name);
    const posts = [answerOf(this.#slipway, { method: 'POST', path: '', body })];
    if (this.#random.next() < 0.3) posts.push(answerOf(this.#slipway, { method: 'POST', path: '', body }));
    for (const { status } of await Promise.all(posts)) {
      if (status === 202) this.#keep({ name, door: 'http' }, 'created by HTTP');
      else if (status === 409) this.#count('refused while it is deleted, or with another spec');
      else throw new Error(`POST of ${name} answered ${status}`);
    }
  }

  async #delete(): Promise<void> {
    const [...all] = this.wanted.values();
    if (all.length === 0) return;
    const { name } = this.#random.pick(all);
    const door = this.#random.pick(['queue', 'http'] as const);
    await requestDeletion(this.#slipway, { name, door });
    this.wanted.delete(name);
    this.#count(`deleted by ${door}`);
  }

  /** A retry annotation is a change of intent that asks for a new plan and no other nodes. */
  async #update(): Promise<void> {
    const all = [...this.wanted.values()].filter(({ door }) => door === 'http');
    if (all.length === 0) return;
    const { name } = this.#random.pick(all);
    const body = workspaceDocument(name, { 'slipway.dev/retry': String((this.#revision += 1)) });
    const { status } = await answerOf(this.#slipway, { method: 'PUT', path: `/default/${name}`, body });
    if (status >= 300) throw new Error(`PUT of ${name} answered ${status}`);
    this.#count('updated');
  }

  async #kill(): Promise<void> {
    const { platform } = this.#slipway;
    const victims: readonly ProcessName[] =
      this.#random.next() < 0.1 ? processNames : [this.#random.pick(processNames)];
    await Promise.all(victims.map((name) => platform.kill(name)));
    await Promise.all(victims.map((name) => platform.restarted(name)));
    this.#count(victims.length === 1 ? `killed ${victims[0] ?? ''}` : 'killed everything');
  }

  async #fault(): Promise<void> {
    const name = this.#random.pick(Object.keys(faultMenu));
    await setFaults(this.#slipway.platform.endpoints, faultMenu[name]);
    this.#count(name);
  }

  #keep(one: Wanted, deed: string): void {
    this.wanted.set(one.name, one);
    this.#count(deed);
  }

  #count(deed: string): void {
    this.deeds[deed] = (this.deeds[deed] ?? 0) + 1;
  }
}
