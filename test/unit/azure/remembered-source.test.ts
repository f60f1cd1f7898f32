import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RememberedSource } from '../../../shared/azure/remembered-source.ts';
import type { RememberedSourceOptions } from '../../../shared/azure/remembered-source.ts';
import { ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';

/** A source that answers when the test says so. */
class Script {
  calls = 0;
  readonly #waiting: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];

  read = (): Promise<string> => {
    this.calls += 1;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  };

  async answer(value: string): Promise<void> {
    this.#waiting.shift()?.resolve(value);
    await settled();
  }

  async fail(error: Error): Promise<void> {
    this.#waiting.shift()?.reject(error);
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function sourceOf(script: Script, options: Partial<RememberedSourceOptions<string>> = {}) {
  return new RememberedSource<string>({
    describe: (key) => `figures of ${key}`,
    read: script.read,
    freshFor: 100,
    usableFor: 1000,
    whenStale: 'wait',
    patience: 60_000,
    ...options,
  });
}

describe('a remembered source', () => {
  it('is asked once by all who come at the same moment, and not again while fresh', async () => {
    const script = new Script();
    const source = sourceOf(script);
    const all = [source.ask('eastus', 0), source.ask('eastus', 1), source.ask('eastus', 2)];
    await script.answer('a');
    assert.deepEqual(await Promise.all(all), [{ value: 'a' }, { value: 'a' }, { value: 'a' }]);
    assert.deepEqual(await source.ask('eastus', 99), { value: 'a' });
    assert.equal(script.calls, 1);
  });

  it('keeps what it knows of one key from another', async () => {
    const script = new Script();
    const source = sourceOf(script);
    const [one, other] = [source.ask('eastus', 0), source.ask('westus', 0)];
    await script.answer('east');
    await script.answer('west');
    assert.deepEqual([(await one).value, (await other).value], ['east', 'west']);
  });

  it('makes who needs the present wait for it', async () => {
    const script = new Script();
    const source = sourceOf(script);
    const first = source.ask('eastus', 0);
    await script.answer('old');
    await first;
    const second = source.ask('eastus', 200);
    await script.answer('new');
    assert.deepEqual(await second, { value: 'new' });
  });

  it('gives others the old answer at once, and the next one the new', async () => {
    const script = new Script();
    const source = sourceOf(script, { whenStale: 'revalidate' });
    const first = source.ask('eastus', 0);
    await script.answer('old');
    await first;
    assert.deepEqual(await source.ask('eastus', 200), { value: 'old' });
    assert.deepEqual(await source.ask('eastus', 201), { value: 'old' });
    await script.answer('new');
    assert.deepEqual(await source.ask('eastus', 202), { value: 'new' });
    assert.equal(script.calls, 2);
  });

  it('takes an answer of a time to come for old, as after a clock is set back', async () => {
    const script = new Script();
    const source = sourceOf(script);
    const first = source.ask('eastus', 1_000_000);
    await script.answer('then');
    await first;
    const second = source.ask('eastus', 0);
    await script.answer('now');
    assert.deepEqual(await second, { value: 'now' });
  });

  it('lets nobody wait longer than its patience; what comes later serves the next one', async () => {
    const script = new Script();
    const source = sourceOf(script, { patience: 5 });
    assert.deepEqual(await source.ask('eastus', 0), {
      note: 'figures of eastus: not known, no answer within 0.005 s',
    });
    await script.answer('late');
    assert.deepEqual(await source.ask('eastus', 1), { value: 'late' });
    assert.equal(script.calls, 1);
  });

  it('tells why it is silent, and leaves a failing source alone for a while', async () => {
    const script = new Script();
    const source = sourceOf(script);
    const first = source.ask('eastus', 0);
    await script.fail(new Error('HTTP 503'));
    const silent = { note: 'figures of eastus: not known, HTTP 503' };
    assert.deepEqual(await first, silent);
    assert.deepEqual(await source.ask('eastus', 29_000), silent);
    assert.equal(script.calls, 1);
    const later = source.ask('eastus', 31_000);
    await script.answer('back');
    assert.deepEqual(await later, { value: 'back' });
  });

  it('says how old an answer is that could not be renewed, and drops it in the end', async () => {
    const script = new Script();
    const source = sourceOf(script, { usableFor: 600_000 });
    const first = source.ask('eastus', 0);
    await script.answer('old');
    await first;
    const second = source.ask('eastus', 240_000);
    await script.fail(new Error('reset'));
    assert.deepEqual(await second, { value: 'old', note: 'figures of eastus: 4 min old, reset' });
    const third = source.ask('eastus', 900_000);
    await script.fail(new Error('reset'));
    assert.equal((await third).value, undefined);
  });

  it('obeys the wait that Azure names, and waits longer where a person must act', async () => {
    const refused = (kind: 'wait' | 'operator', code: string): Error =>
      new ProvisioningError({ class: kind, code, message: 'no', retryAfterSeconds: 120 });
    for (const [error, quietUntil] of [
      [refused('wait', 'Throttled'), 119_000],
      [refused('operator', 'AuthorizationFailed'), 299_000],
    ] as const) {
      const script = new Script();
      const source = sourceOf(script);
      const first = source.ask('eastus', 0);
      await script.fail(error);
      await first;
      await source.ask('eastus', quietUntil);
      assert.equal(script.calls, 1);
      void source.ask('eastus', quietUntil + 2000);
      assert.equal(script.calls, 2);
      await script.answer('x');
    }
  });
});
