import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FaultyPlatform } from './support/faulty-platform.ts';
import { allReady, ConcurrencyWatch, ten } from './support/ten-workspaces.ts';

describe('ten workspaces at once, where only a pool itself is locked', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start({ operationLock: 'pool' });
  });
  after(() => platform.stop());

  it('all become Ready side by side, on one pool each, without a refusal', async () => {
    const watch = new ConcurrencyWatch(platform);
    await allReady(platform, watch);
    assert.ok(watch.most > 4, `${watch.most} at a time`);
    assert.equal(platform.harness.azure.counts().statuses['409'] ?? 0, 0);
  });

  it('a delete amid the creation of its pool leaves nothing', async () => {
    const answer = await platform.post('changed-my-mind');
    assert.equal(answer.status, 202, answer.text);
    await platform.until('Azure creates', async () => (await platform.busyPools()).length === 1);
    await platform.deleteCleanly('changed-my-mind');
  });

  it('all are deleted', async () => {
    await platform.deleteCleanly(...ten);
    assert.deepEqual(platform.secretsTold(), []);
  });
});
