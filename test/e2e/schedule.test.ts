import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { nodesOf, untilSuspended, waitingFor } from '../harness/lifetimes.ts';
import { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

const minute = 60_000;

describe('a workspace with a schedule', () => {
  let platform: PlatformHarness;
  before(async () => {
    // Days pass here: the timers that look after what is lost are not needed, and cost time.
    platform = await PlatformHarness.start({ disabledTriggers: ['timerTrigger'] });
    await platform.host.runFunction('startClusters');
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  const untilPhase = (phase: string): Promise<void> =>
    platform.until(phase, () => phaseOf(platform, 'sunday') === phase);
  const steer = async (verb: 'suspend' | 'resume'): Promise<void> => {
    const answer = await platform.request('POST', `/workspaces/default/sunday/${verb}`);
    assert.equal(answer.status, 202, answer.text);
  };
  const reached = (time: number): void => {
    const late = platform.clock.now() - time;
    assert.ok(late >= 0 && late < minute, `${late} ms late`);
  };

  it('sleeps over Sunday and is back on Monday morning, by the clock of its time zone', async () => {
    // The platform's clock begins on Sunday, 1 November 2026; Berlin is an hour ahead of UTC by then.
    const annotations = {
      'slipway.dev/suspend-schedule': '0 3 * * 0',
      'slipway.dev/resume-schedule': '0 7 * * 1',
      'slipway.dev/schedule-time-zone': 'Europe/Berlin',
    };
    const posted = await platform.request(
      'POST',
      '/workspaces',
      workspaceDocument('sunday', { annotations }),
    );
    assert.equal(posted.status, 202, posted.text);
    await untilPhase('Ready');
    await untilPhase('Suspended');
    reached(Date.UTC(2026, 10, 1, 2));
    await untilSuspended(platform, 'sunday');
    assert.deepEqual(nodesOf(platform, 'sunday'), []);
    assert.equal(waitingFor(platform, 'sunday'), 'to be resumed at 2026-11-02T06:00:00.000Z');

    // What its user says by hand counts until the schedule's next turn.
    await steer('resume');
    await untilPhase('Ready');
    await steer('suspend');
    await untilSuspended(platform, 'sunday');
    assert.equal(waitingFor(platform, 'sunday'), 'to be resumed at 2026-11-02T06:00:00.000Z');
    await platform.until('Provisioning', () => phaseOf(platform, 'sunday') === 'Provisioning');
    reached(Date.UTC(2026, 10, 2, 6));
    await untilPhase('Ready');
    assert.equal(readState(platform, 'sunday')?.state, 'Ready');
    assert.equal((await pools(platform)).length, 1);
  });
});
