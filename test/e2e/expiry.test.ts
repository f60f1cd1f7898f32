import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { nodesOf, poolOf, untilSuspended, waitingFor } from '../harness/lifetimes.ts';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, workspaceDocument } from '../harness/workspaces.ts';

const hour = 3_600_000;

describe('a workspace whose time is limited', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  const send = async (
    method: 'POST' | 'PUT',
    name: string,
    annotations: Record<string, string>,
  ): Promise<void> => {
    const path = method === 'POST' ? '/workspaces' : `/workspaces/default/${name}`;
    const answer = await platform.request(method, path, workspaceDocument(name, { annotations }));
    assert.equal(answer.status, 202, answer.text);
  };
  const untilPhase = (name: string, phase: string): Promise<void> =>
    platform.until(`${name} ${phase}`, () => phaseOf(platform, name) === phase);
  /** ISO 8601, from now on the platform's clock. */
  const inHours = (hours: number): string =>
    new Date(platform.clock.now() + hours * hour).toISOString().replace('.000Z', 'Z');

  it('goes with all that is its own when its time to live is over, and says why', async () => {
    const born = platform.clock.now();
    await send('POST', 'brief', { 'slipway.dev/ttl': '2h' });
    await untilPhase('brief', 'Ready');
    const tag = (await poolOf(platform, 'brief'))?.tags['slipway-expires'];
    assert.ok(Math.abs(Date.parse(tag ?? '') - (born + 2 * hour)) < 60_000, tag);
    await untilPhase('brief', 'Deleting');
    const late = platform.clock.now() - (born + 2 * hour);
    assert.ok(late >= -1000 && late < 60_000, `${late} ms late`);
    const events = await platform.request('GET', '/workspaces/default/brief/events');
    assert.match(events.text, /"what":"Deleting","why":"it expired at [^"]+: slipway\.dev\/ttl/);
    await untilPhase('brief', 'Gone');
    assert.deepEqual(await pools(platform), []);
    assert.deepEqual(objectsOf(platform, 'brief'), []);
    assert.ok(platform.logLines.some((line) => line.includes('workspace expired')));
  });

  it('lives on when it is given more time, and goes at once when it is given less', async () => {
    await send('POST', 'longer', { 'slipway.dev/ttl': '1h' });
    await untilPhase('longer', 'Ready');
    await send('PUT', 'longer', { 'slipway.dev/ttl': '5h' });
    await platform.pass(2 * 3600);
    assert.equal(phaseOf(platform, 'longer'), 'Ready');
    const moment = platform.clock.now();
    await send('PUT', 'longer', { 'slipway.dev/ttl': '30m' });
    await untilPhase('longer', 'Deleting');
    assert.ok(platform.clock.now() - moment < 60_000);
    await untilPhase('longer', 'Gone');
  });

  it('never gets a node when its time was over before it came', async () => {
    await send('POST', 'late', { 'slipway.dev/expires-at': inHours(-1) });
    await untilPhase('late', 'Gone');
    assert.deepEqual(await pools(platform), []);
  });

  it('is suspended at its expiry when asked to be, and comes back only with more time', async () => {
    const expiresAt = inHours(1);
    await send('POST', 'parked', {
      'slipway.dev/expires-at': expiresAt,
      'slipway.dev/ttl': '7d',
      'slipway.dev/on-expiry': 'suspend',
    });
    await untilPhase('parked', 'Ready');
    await untilSuspended(platform, 'parked');
    assert.ok(platform.clock.now() >= Date.parse(expiresAt));
    assert.deepEqual(nodesOf(platform, 'parked'), []);
    assert.equal(
      waitingFor(platform, 'parked'),
      'a later slipway.dev/expires-at or a longer slipway.dev/ttl',
    );
    const refused = await platform.request('POST', '/workspaces/default/parked/resume');
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.text, /it expired at .* give it a longer slipway\.dev\/ttl/);
    await send('PUT', 'parked', { 'slipway.dev/expires-at': inHours(3), 'slipway.dev/on-expiry': 'suspend' });
    await untilPhase('parked', 'Ready');
    await platform.request('DELETE', '/workspaces/default/parked');
    await untilPhase('parked', 'Gone');
  });
});
