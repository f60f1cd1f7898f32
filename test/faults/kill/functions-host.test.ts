import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { it } from 'node:test';
import { assertDeletedOnce, assertMadeOnce, untilNothingIsLeft, untilReady } from './support/expectations.ts';
import { listWorkspaces, requestCreation, requestDeletion, wantedWorkspaces } from './support/requests.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { withSlipway } from './support/with-slipway.ts';

const count = 10;
/** Kills while workspaces come, and while they go. */
const kills = { coming: 14, going: 8 };
/** Real milliseconds from a host that is up to its death; starting up and reading the first messages takes some 300. */
const longestLife = 1200;

it('a Functions host killed at 22 random moments loses nothing and doubles nothing', () =>
  withSlipway(async (slipway) => {
    const random = SeededRandom.announced('kill the Functions host');
    const wanted = wantedWorkspaces(count);
    const names = wanted.map(({ name }) => name);
    const { platform } = slipway;

    const killOften = async (times: number, meanwhile: (kill: number) => Promise<void>): Promise<void> => {
      for (let kill = 0; kill < times; kill += 1) {
        const request = meanwhile(kill);
        // Whoever fails first is told of below; until then nobody waits for the request.
        request.catch(() => undefined);
        await platform.restarted('functions');
        await pause(random.between(0, longestLife));
        await platform.kill('functions');
        await request;
      }
      await platform.restarted('functions');
    };

    await killOften(kills.coming, async (kill) => {
      const one = wanted[kill];
      if (one !== undefined) await requestCreation(slipway, one);
    });
    await untilReady(slipway, names);
    await assertMadeOnce(slipway, names);
    const uids = (await listWorkspaces(slipway)).map(({ metadata }) => metadata.uid);
    assert.equal(new Set(uids).size, count);

    await killOften(kills.going, async (kill) => {
      for (const one of wanted.slice(kill * 2, kill * 2 + 2)) await requestDeletion(slipway, one);
    });
    await untilNothingIsLeft(slipway);
    await assertDeletedOnce(slipway);
  }));
