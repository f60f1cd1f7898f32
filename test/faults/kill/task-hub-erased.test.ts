import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { it } from 'node:test';
import { assertDeletedOnce, assertMadeOnce, untilNothingIsLeft, untilReady } from './support/expectations.ts';
import { requestCreation, requestDeletion, wantedWorkspaces } from './support/requests.ts';
import { SeededRandom } from './support/seeded-random.ts';
import type { Slipway } from './support/slipway.ts';
import { withSlipway } from './support/with-slipway.ts';

/** The host is gone while its files go; it starts again by itself, with an empty task hub. */
async function eraseTaskHub({ platform }: Slipway): Promise<void> {
  await platform.kill('functions');
  const folder = join(platform.endpoints.stateDirectory, 'functions');
  assert.ok(existsSync(join(folder, 'slipway.sqlite')), 'there is a task hub to erase');
  for (const name of readdirSync(folder).filter((each) => each.startsWith('slipway.sqlite')))
    rmSync(join(folder, name));
  await platform.restarted('functions');
}

it('a task hub erased in the middle of making and of deleting workspaces changes nothing', () =>
  withSlipway(async (slipway) => {
    const random = SeededRandom.announced('task hub erased');
    const wanted = wantedWorkspaces(6);
    const names = wanted.map(({ name }) => name);

    for (const one of wanted) {
      await requestCreation(slipway, one);
      await pause(random.between(0, 1500));
    }
    await eraseTaskHub(slipway);
    await pause(random.between(0, 4000));
    await eraseTaskHub(slipway);
    await untilReady(slipway, names);
    await assertMadeOnce(slipway, names);

    for (const one of wanted) await requestDeletion(slipway, one);
    await pause(random.between(0, 2500));
    await eraseTaskHub(slipway);
    await untilNothingIsLeft(slipway);
    await assertDeletedOnce(slipway);
  }));
