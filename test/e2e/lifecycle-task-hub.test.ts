import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  askFor,
  askForDelete,
  orchestrationOf,
  poolWrites,
  startPlatform,
  uidOf,
  untilNothingLeft,
  untilPhase,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

/** Moments of a life, in their order. */
const moments = [
  'asked for',
  'pool creating',
  'nodes joining',
  'model loading',
  'Ready',
  'deletion asked for',
  'pool going',
] as const;
type Moment = (typeof moments)[number];

describe('a Functions host that ends in the middle', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  after(() => platform.stop());

  const poolOf = async (uid: string): Promise<string | undefined> =>
    (await pools(platform)).find((pool) => pool.uid === uid)?.state;

  /** Takes the workspace to a moment; the first and the deletion are asked for, the rest come. */
  const reach = async (name: string, moment: Moment): Promise<void> => {
    switch (moment) {
      case 'asked for':
        return askFor(platform, 'http', workspaceDocument(name));
      case 'pool creating':
        return platform.until(
          `the pool of ${name} is being created`,
          async () => (await poolOf(uidOf(platform, name))) === 'Creating',
        );
      case 'nodes joining':
        return platform.until(`the pool of ${name} is there`, async () => {
          const there = (await poolOf(uidOf(platform, name))) === 'Succeeded';
          return there && phaseOf(platform, name) === 'Provisioning';
        });
      case 'model loading':
        return untilPhase(platform, name, 'Deploying');
      case 'Ready':
        return untilPhase(platform, name, 'Ready');
      case 'deletion asked for':
        return askForDelete(platform, 'kubectl', name);
      case 'pool going':
        return platform.until(
          `the pool of ${name} is being deleted`,
          async () => (await poolOf(uidOf(platform, name))) === 'Deleting',
        );
    }
  };

  /** A whole life with something done to the host at some of its moments; its end must be the usual one. */
  const live = async (name: string, at: readonly Moment[], disturb: () => Promise<void>): Promise<void> => {
    const puts = poolWrites(platform);
    let uid = '';
    for (const moment of moments) {
      await reach(name, moment);
      if (uid === '') uid = uidOf(platform, name);
      if (at.includes(moment)) await disturb();
      if (moment === 'Ready') {
        await untilPhase(platform, name, 'Ready');
        await platform.pass(900);
        assert.equal(phaseOf(platform, name), 'Ready', 'and stays so');
        assert.equal(await orchestrationOf(platform, name, uid), 'Running', 'and is looked after');
        assert.equal(readState(platform, name)?.pools.length, 1);
        assert.equal(poolWrites(platform) - puts, 1, 'one pool was asked for, once');
      }
    }
    await untilNothingLeft(platform, name, uid);
  };

  it('restarted at every moment of one life changes nothing', async () => {
    await live('restarted', moments, () => platform.restartHost());
  });

  for (const [index, moment] of moments.entries()) {
    it(`its task hub erased at "${moment}" changes nothing`, async () => {
      await live(`forgotten-${index}`, [moment], () => platform.restartHost({ forget: true }));
    });
  }

  it('its task hub erased at every moment of one life changes nothing', async () => {
    await live('amnesiac', moments, () => platform.restartHost({ forget: true }));
  });
});
