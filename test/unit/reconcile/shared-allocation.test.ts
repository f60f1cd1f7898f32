import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { submit } from '../../../shared/intake/submission.ts';
import { settlePlanned } from '../../../shared/lifecycle/decide.ts';
import { readStoredStatus } from '../../../shared/lifecycle/read-status.ts';
import { liveAllocation } from '../../../shared/lifecycle/slipway-status.ts';
import { replaceAllocation } from '../../../shared/lifecycle/allocation.ts';
import { slipwayOf } from '../../../shared/reconcile/observe-cluster.ts';
import { planRung } from '../../../shared/reconcile/plan-rung.ts';
import { addFinalizer, observe, writeStatus } from '../../../shared/reconcile/workspace-turn.ts';
import type { Seen } from '../../../shared/reconcile/workspace-turn.ts';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import { turn, written } from '../lifecycle/support/snapshots.ts';
import { document } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

const instanceType = 'Standard_NC24ads_A100_v4';

/** Plans a workspace, and answers with its record's status as it is stored. */
async function planned(
  annotations: Record<string, string>,
  context: Partial<AdmissionContext> = {},
): Promise<NonNullable<ReturnType<typeof readStoredStatus>>> {
  const world = new FakeWorld();
  const services = { ...world.services, admission: () => context };
  const metadata = { name: 'phi', namespace: 'default', annotations };
  const draft = { ...document({ name: 'phi', instanceType }), metadata };
  await submit(services, { document: draft, cluster: 'main', mode: 'create' });
  const record = (): ReturnType<typeof world.records.all>[number] =>
    world.records.all()[0] ?? assert.fail('no record');
  const seen = (): Seen => {
    const { uid, resourceVersion } = record().metadata;
    return { cluster: 'main', namespace: 'default', name: 'phi', uid, resourceVersion };
  };
  await addFinalizer(services, seen());
  const answer = await planRung(services, { ...seen(), now: world.time() });
  assert.ok('rung' in answer);
  const snapshot = (await observe(services, seen())) ?? assert.fail();
  const write = written(settlePlanned(snapshot, answer, { ...turn(0), now: world.time() }));
  assert.ok(await writeStatus(services, seen(), write));
  return readStoredStatus(slipwayOf(record())) ?? assert.fail('no status');
}

const chosen = 'slipway.dev/node-allocation';

describe('whether nodes are a share of a pool', () => {
  it('is decided by the workspace, else by its cluster, when nodes are asked for', async () => {
    const cases: [
      annotations: Record<string, string>,
      context: Partial<AdmissionContext>,
      sharing?: string,
    ][] = [
      [{}, {}],
      [{}, { nodeAllocation: 'shared' }, 'shared'],
      [{ [chosen]: 'dedicated' }, { nodeAllocation: 'shared' }],
      [{ [chosen]: 'shared' }, {}, 'shared'],
      [{}, { nodeAllocation: 'fixed' }],
    ];
    for (const [annotations, context, sharing] of cases) {
      assert.equal(liveAllocation(await planned(annotations, context))?.sharing, sharing);
    }
  });

  it('stays when the nodes are replaced', async () => {
    const status = await planned({ [chosen]: 'shared' });
    assert.ok(status.plan);
    const change = replaceAllocation(status, 'uid', status.plan, '2026-11-01T00:00:00.000Z');
    assert.equal(liveAllocation(change)?.sharing, 'shared');
  });
});
