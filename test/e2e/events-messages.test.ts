import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fates } from '../harness/event-gate.ts';
import type { Life } from './event-lives.ts';
import { EventLives } from './event-lives.ts';

describe('each message of a life in turn gone wrong', () => {
  let lives: EventLives;
  let usual: Life;
  before(async () => {
    lives = await EventLives.start();
    usual = await lives.usual();
  });
  after(() => lives.platform.stop());

  for (const fate of fates) {
    it(`${fate}, every life ends as if nothing had happened`, async () => {
      const struck = await lives.expectAlike(usual, { kind: 'message', fate });
      assert.deepEqual([...new Set(struck)].sort(), [
        'node-provisioned',
        'workload-ready',
        'workspace-created',
        'workspace-deleted',
      ]);
    });
  }
});
