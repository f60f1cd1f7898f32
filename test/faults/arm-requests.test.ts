import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FaultyPlatform } from './support/faulty-platform.ts';

const create = { method: 'PUT', operation: 'AgentPools_CreateOrUpdate' };
const list = { operation: 'AgentPools_List' };

describe('requests to Azure Resource Manager that fail', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  const calls = (operation: string): number => platform.harness.azure.counts().operations[operation] ?? 0;
  const accepted = async (name: string): Promise<void> => {
    const answer = await platform.post(name);
    assert.equal(answer.status, 202, answer.text);
  };

  it('429 on a write: no write before Retry-After is over, then Ready', async () => {
    platform.faults({
      http: [
        {
          match: create,
          times: 1,
          action: {
            type: 'status',
            status: 429,
            code: 'TooManyRequests',
            message: 'slow down',
            retryAfterSeconds: 170,
          },
        },
      ],
    });
    const before = calls('AgentPools_CreateOrUpdate');
    await accepted('throttled-write');
    await platform.until('refused once', () => calls('AgentPools_CreateOrUpdate') === before + 1);
    const refusedAt = platform.harness.clock.now();
    await accepted('came-later');
    await platform.until('asked again', () => calls('AgentPools_CreateOrUpdate') > before + 1);
    assert.ok(platform.harness.clock.now() - refusedAt >= 170_000, 'Retry-After was not obeyed');
    await platform.untilAll(['throttled-write', 'came-later'], 'Ready');
    await platform.deleteCleanly('throttled-write', 'came-later');
  });

  it('429 on the list: no call to ARM at all before Retry-After is over, then Ready', async () => {
    await accepted('throttled-list');
    await platform.untilPhase('throttled-list', 'Provisioning');
    platform.faults({
      http: [
        {
          match: list,
          times: 1,
          action: {
            type: 'status',
            status: 429,
            code: 'TooManyRequests',
            message: 'slow down',
            retryAfterSeconds: 240,
          },
        },
      ],
    });
    const throttles = platform.harness.azure.counts().statuses['429'] ?? 0;
    await platform.until(
      'throttled',
      () => (platform.harness.azure.counts().statuses['429'] ?? 0) > throttles,
    );
    const [refusedAt, total] = [platform.harness.clock.now(), platform.harness.azure.counts().total];
    await platform.until('asked again', () => platform.harness.azure.counts().total > total);
    assert.ok(platform.harness.clock.now() - refusedAt >= 240_000, 'Retry-After was not obeyed');
    await platform.untilPhase('throttled-list', 'Ready');
    await platform.deleteCleanly('throttled-list');
  });

  const passing = [
    ['answers 500', { type: 'status', status: 500, code: 'InternalServerError', message: 'sorry' }],
    ['breaks the connection before the request is carried out', { type: 'reset' }],
    ['carries the request out and breaks the connection', { type: 'applyThenReset' }],
  ] as const;
  for (const [index, [what, action]] of passing.entries()) {
    it(`ARM ${what} at the creation of a pool: Ready on one pool, never a second`, async () => {
      const name = `create-${index}`;
      platform.faults({ http: [{ match: create, times: 3, action }] });
      await accepted(name);
      await platform.untilPhase(name, 'Ready');
      const live = platform.state(name)?.pools ?? [];
      assert.equal(live.length, 1);
      assert.equal(live[0]?.generation, 1);
      assert.deepEqual(
        await platform.poolsOf(name),
        live.map(({ pool }) => pool),
      );
      platform.faults({
        http: [
          { match: { method: 'DELETE' }, times: 2, action },
          { match: list, times: 2, action },
        ],
      });
      await platform.deleteCleanly(name);
    });
  }

  it('tells no secret', () => {
    assert.deepEqual(platform.secretsTold(), []);
  });
});
