import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Retryable, Terminal } from '../../../shared/errors/slipway-error.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { refusalFrom } from '../../../shared/planning/refusal.ts';
import type { PreviewAnswer } from '../../../shared/reconcile/preview-plan.ts';
import { answerPreview } from '../../../shared/reconcile/preview-plan.ts';
import type { OfferQuestion, Services } from '../../../shared/reconcile/services.ts';
import { document } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

const a100 = 'Standard_NC24ads_A100_v4';
let world: FakeWorld;
let asked: OfferQuestion[];
beforeEach(() => {
  world = new FakeWorld();
  asked = [];
  const { offers } = world;
  world.offers = {
    lookUp: (question) => {
      asked.push(question);
      return offers.lookUp(question);
    },
  };
});

async function preview(
  draft: Parameters<typeof document>[0] = {},
  { services = world.services, manifests = false }: { services?: Services; manifests?: boolean } = {},
): Promise<PreviewAnswer> {
  const result = await answerPreview(services, { document: document(draft), cluster: 'main', manifests });
  assert.ok(result.ok, JSON.stringify(result));
  return result.answer;
}

describe('what a preview asks', () => {
  it('is asked once for all sizes, at the time of the cluster', async () => {
    await preview({ annotations: { 'slipway.dev/fallback-instance-types': 'Standard_NC999ads_X_v9' } });
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.now, world.now);
    assert.ok(asked[0].instanceTypes.includes('Standard_NC999ads_X_v9'));
    assert.ok(asked[0].instanceTypes.length > 15);
  });

  it("is what Azure refused to others in this cluster's region", async () => {
    const failure = { class: 'next-rung', code: 'AllocationFailed', message: 'no capacity' } as const;
    const offer = { instanceType: a100, placement: regionalOnDemand };
    const refusal = refusalFrom(failure, { offer, count: 1 }, world.time());
    assert.ok(refusal);
    await world.refusals.remember([refusal], world.time());
    const { ladder, feasible } = await preview();
    assert.deepEqual([feasible, ladder[0]?.refusal?.source], [false, 'remembered']);
    world.pass(61);
    assert.equal((await preview()).feasible, true);
  });

  it('changes nothing: no record, no event, no pool, no refusal', async () => {
    await preview({}, { manifests: true });
    assert.deepEqual([world.records.all(), world.sent, world.tombstones], [[], [], []]);
    assert.deepEqual([await world.azure.list(), await world.refusals.list(world.time())], [[], []]);
  });
});

describe('a preview without an answer', () => {
  it('of the Hub tells why a model outside the catalogue cannot be planned', async () => {
    const { feasible, faults, plan } = await preview({ preset: 'org/Unheard' });
    assert.deepEqual([feasible, plan, faults.length], [false, null, 1]);
    assert.equal(faults[0]?.field, 'inference.preset.name');
    assert.match(faults[0].message, /^HubUnavailable: no answer from /);
  });

  const failing = (error: Error): Services => ({ ...world.services, cluster: () => Promise.reject(error) });

  it('of the cluster does without what only it knows', async () => {
    const error = new Retryable('ClusterUnreachable', { message: 'connection refused' });
    const { feasible, notes } = await preview({}, { services: failing(error), manifests: true });
    assert.equal(feasible, true);
    assert.match(notes[0] ?? '', /cluster main does not answer \(connection refused\)/);
  });

  it('waits for no cluster longer than five seconds, not even to connect', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const silent: Services = { ...world.services, cluster: () => new Promise(() => undefined) };
    const answer = preview({}, { services: silent });
    test.mock.timers.tick(5000);
    assert.match((await answer).notes[0] ?? '', /no answer from main within 5 s/);
  });

  it('of a cluster whose nodes users bring still knows that nothing is bought', async () => {
    world.admission = { provisioning: 'byo' };
    const error = new Retryable('ClusterUnreachable', { message: 'connection refused' });
    const { faults, instanceTypes } = await preview({ instanceType: '' }, { services: failing(error) });
    assert.deepEqual([faults[0]?.field, instanceTypes], ['resource.labelSelector', []]);
  });

  it('is refused for a cluster that is not configured', async () => {
    const error = new Terminal('UnknownCluster', { message: 'no' });
    await assert.rejects(preview({}, { services: failing(error) }), { code: 'UnknownCluster' });
  });

  it('does not hide a bug as silence', async () => {
    await assert.rejects(preview({}, { services: failing(new TypeError('x is undefined')) }), TypeError);
  });
});

describe('manifests in a preview', () => {
  it('are rendered for the record that is there, or for one to come', async () => {
    const owners = ({ manifests = [] }: PreviewAnswer): unknown[] =>
      manifests.map(({ metadata }) => metadata?.ownerReferences?.[0]?.uid);
    const fresh = owners(await preview({}, { manifests: true }));
    assert.deepEqual(new Set(fresh), new Set(['00000000-0000-0000-0000-000000000000']));
    assert.equal((await preview()).manifests, undefined);
  });

  it('are left out where there is no plan', async () => {
    const { manifests, plan } = await preview(
      { instanceType: 'Standard_NC999ads_X_v9' },
      { manifests: true },
    );
    assert.deepEqual([plan, manifests], [null, undefined]);
  });
});
