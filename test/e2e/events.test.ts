import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EventKind } from '../harness/event-gate.ts';
import { fates } from '../harness/event-gate.ts';
import { poolWrites } from '../harness/lives.ts';
import { clusterLife, EventLives } from './event-lives.ts';
import type { Life } from './event-lives.ts';

/** Events of either kind that one life must have had at least; fewer would mean that this test strikes nothing. */
const fewest: Record<EventKind, number> = { message: 8, nudge: 8 };

describe('each event of a life in turn gone wrong', () => {
  let lives: EventLives;
  let usual: Life;
  before(async () => {
    lives = await EventLives.start();
    const [life] = await lives.live([undefined]);
    assert.ok(life);
    usual = life;
  });
  after(() => lives.platform.stop());

  it('without any of that it is Ready on one node of one pool', () => {
    const { state, nodes, pools } = usual.outcome;
    assert.deepEqual({ state, nodes, pools }, { state: 'Ready', nodes: 1, pools: 1 });
    const queues = new Set(usual.events.passed.message);
    assert.deepEqual([...queues].sort(), [
      'node-provisioned',
      'workload-ready',
      'workspace-created',
      'workspace-deleted',
    ]);
  });

  for (const kind of ['message', 'nudge'] as const) {
    for (const fate of fates) {
      it(`a ${kind} ${fate}: every life ends as if nothing had happened`, async () => {
        const count = usual.events.passed[kind].length;
        const puts = poolWrites(lives.platform);
        const ended = await lives.live(Array.from({ length: count }, (_, index) => ({ kind, index, fate })));
        for (const [index, life] of ended.entries())
          assert.deepEqual(life.outcome, usual.outcome, `event ${index}, ${life.events.struck}`);
        assert.equal(poolWrites(lives.platform) - puts, count, 'one pool was asked for by each');
        const struck = ended.flatMap(({ events }) => events.struck ?? []);
        assert.ok(struck.length >= fewest[kind], `${struck.length} of ${count} events came by`);
        if (kind === 'message') assert.equal(new Set(struck).size, 4, 'on every queue');
      });
    }
  }

  for (const fate of fates) {
    it(`a nudge of the cluster ${fate}: the life ends as if nothing had happened`, async () => {
      const seen = lives.gate.watch(clusterLife);
      await lives.live([undefined]);
      const count = seen.passed.nudge.length;
      assert.ok(count >= 2, 'wishes are announced to the cluster');
      for (let index = 0; index < count; index += 1) {
        const events = lives.gate.watch(clusterLife, { kind: 'nudge', index, fate });
        const [life] = await lives.live([undefined]);
        assert.deepEqual(life?.outcome, usual.outcome, `nudge ${index}`);
        assert.ok(events.struck !== undefined, `nudge ${index} came by`);
      }
    });
  }
});
