import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fates } from '../harness/event-gate.ts';
import type { Life } from './event-lives.ts';
import { clusterLife, EventLives } from './event-lives.ts';

describe('each nudge of an orchestration in turn gone wrong', () => {
  let lives: EventLives;
  let usual: Life;
  let ofCluster: number;
  before(async () => {
    lives = await EventLives.start();
    const events = lives.gate.watch(clusterLife);
    usual = await lives.usual();
    ofCluster = events.passed.nudge.length;
  });
  after(() => lives.platform.stop());

  for (const fate of fates) {
    it(`of the workspace ${fate}, every life ends as if nothing had happened`, async () => {
      lives.gate.watch(clusterLife);
      await lives.expectAlike(usual, { kind: 'nudge', fate });
    });

    // One life at a time: another's nudges would make up for a lost one.
    it(`of the cluster ${fate}, the life ends as if nothing had happened`, async () => {
      assert.ok(ofCluster >= 2, 'wishes are announced to the cluster');
      for (let index = 0; index < ofCluster; index += 1) {
        const events = lives.gate.watch(clusterLife, { kind: 'nudge', index, fate });
        const [life] = await lives.live([undefined]);
        assert.deepEqual(life?.outcome, usual.outcome, `nudge ${index}`);
        assert.ok(events.struck !== undefined, `nudge ${index} came by`);
      }
    });
  }
});
