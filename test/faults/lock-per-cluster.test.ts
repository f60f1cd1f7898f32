import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FaultyPlatform } from './support/faulty-platform.ts';
import { allReady, ConcurrencyWatch, ten } from './support/ten-workspaces.ts';

describe('ten workspaces at once, where a cluster takes one pool operation at a time', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start({ operationLock: 'cluster' });
  });
  after(() => platform.stop());

  it('all become Ready, one after the other, on one pool each, with few refusals', async () => {
    const watch = new ConcurrencyWatch(platform);
    await allReady(platform, watch);
    assert.equal(watch.most, 1);
    const refused = platform.harness.azure.counts().statuses['409'] ?? 0;
    // The first tick finds out by trying all its slots; later ones try two at a time now and then.
    assert.ok(refused <= 20, `${refused} refusals`);
  });

  it('all are deleted, one after the other', async () => {
    await platform.deleteCleanly(...ten);
    assert.deepEqual(platform.secretsTold(), []);
  });
});
