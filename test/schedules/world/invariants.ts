/** The invariants of the design, looked at after every step of a world. */
import assert from 'node:assert/strict';
import type { CustomResource } from '../../../shared/kubernetes/cluster.ts';
import { nodesOutlook } from '../../../shared/lifecycle/nodes-outlook.ts';
import { Phase } from '../../../shared/lifecycle/phase.ts';
import { PoolTag } from '../../../shared/lifecycle/pool-tag.ts';
import { readObserved, readStoredStatus } from '../../../shared/lifecycle/read-status.ts';
import type { Allocation, StoredSlipwayStatus } from '../../../shared/lifecycle/slipway-status.ts';
import { slipwayOf } from '../../../shared/reconcile/observe-cluster.ts';
import { isShared } from '../../../shared/provisioning/shared-pool-body.ts';
import { claimLabel } from '../../../shared/provisioning/tend-pool.ts';
import { isRecord } from '../../../shared/workspace/json-object.ts';
import type { ArmDeed } from './light-azure.ts';
import type { World, WorldCluster } from './world.ts';

/** A record as the watch last saw it. */
interface Seen {
  status: StoredSlipwayStatus | null;
  version: string;
  intent: string;
}

/** Phases in which a workspace holds no nodes by its own decision. */
const restful: ReadonlySet<string> = new Set([Phase.Failed, Phase.Succeeded, Phase.Suspended]);

export class InvariantWatch {
  readonly #world: World;
  readonly #seen = new Map<string, Seen>();
  #poolsWritten = false;

  constructor(world: World) {
    this.#world = world;
    world.onChange = () => this.check();
    world.azure.onRequest = (deed) => this.#beforeArm(deed);
    for (const cluster of world.clusters)
      cluster.base.records.onGone = (record) => this.#assertNothingLeft(cluster, record);
  }

  /** What must hold at every moment. */
  check(): void {
    for (const cluster of this.#world.clusters)
      for (const record of cluster.base.records.all()) this.#look(cluster, record);
    if (this.#poolsWritten) this.#assertOnePoolEach();
    this.#poolsWritten = false;
  }

  /** I1 in Azure: beside what it gives back, a workspace has one pool. */
  #assertOnePoolEach(): void {
    const held = new Map<string, string[]>();
    for (const { name, properties, provisioningState } of this.#world.azure.pools) {
      const uid = tagsOf(properties)[PoolTag.uid];
      if (uid === undefined || provisioningState === 'Deleting') continue;
      const listed = this.#seen.get(uid)?.status?.allocations.find(({ pool }) => pool === name);
      if (listed?.wish !== 'absent') held.set(uid, [...(held.get(uid) ?? []), name]);
    }
    for (const pools of held.values())
      assert.ok(pools.length <= 1, `I1: one workspace has ${pools.join(' and ')}`);
  }

  #look(cluster: WorldCluster, record: CustomResource): void {
    const { uid, resourceVersion, name } = record.metadata;
    const before = this.#seen.get(uid);
    if (before?.version === resourceVersion) return;
    const status = readStoredStatus(slipwayOf(record));
    this.#seen.set(uid, { status, version: resourceVersion, intent: intentOf(record) });
    if (status === null) return;
    this.#tell(name, before?.status ?? null, status);
    assertOneLive(name, slipwayOf(record)['allocations']);
    assertExplained(name, status);
    if (before?.status !== undefined && before.status !== null)
      this.#assertMayWithdraw(cluster, record, { before: before.status, after: status });
  }

  #tell(name: string, before: StoredSlipwayStatus | null, after: StoredSlipwayStatus): void {
    const line = (status: StoredSlipwayStatus | null): string =>
      status === null
        ? ''
        : `${status.phase} [${status.allocations.map(({ pool, wish, count, instanceType }) => `${pool} ${wish} ${count} x ${instanceType}`).join(', ')}] ${status.failure?.code ?? ''}`;
    if (line(before) !== line(after)) this.#world.note(`${name}: ${line(after)}`);
  }

  /** I3: a wish for nodes ends with a reason, and nodes that are well are kept while nobody wishes otherwise. */
  #assertMayWithdraw(
    cluster: WorldCluster,
    record: CustomResource,
    { before, after }: { before: StoredSlipwayStatus; after: StoredSlipwayStatus },
  ): void {
    if (record.metadata.deletionTimestamp !== undefined) return;
    if (before.observedIntent !== after.observedIntent) return;
    for (const held of before.allocations.filter(({ wish }) => wish === 'present')) {
      const now = after.allocations.find(({ pool }) => pool === held.pool);
      const kept = now?.wish === 'present' && now.count >= held.count && now.power === held.power;
      if (kept || restful.has(after.phase)) continue;
      const outlook = nodesOutlook(held, readObserved(slipwayOf(record)['observed']));
      assert.notEqual(
        outlook.state,
        'ready',
        `I3: ${cluster.name}/${record.metadata.name} gives ${held.pool} back, which is well`,
      );
    }
  }

  #beforeArm({ method, path, body }: ArmDeed): void {
    if (method === 'GET') return;
    this.#poolsWritten = true;
    const [clusterName, pool] = targetOf(path);
    this.#world.note(`ARM ${method} ${clusterName}/${pool} ${sizeIn(body)}`);
    const cluster = this.#world.clusters.find(({ name }) => name === clusterName);
    if (cluster === undefined) return;
    if (path.endsWith('/deleteMachines')) this.#assertMayRemove(cluster, body);
    if (method !== 'DELETE') return;
    const stored = this.#world.azure.pools.find((one) => one.cluster === clusterName && one.name === pool);
    const tags = tagsOf(stored?.properties);
    if (stored === undefined) return;
    if (isShared({ tags })) {
      const live = this.#liveClaims(cluster).map(({ pool: claim }) => claim);
      const served = stored.machines.map(
        (machine) => cluster.objects.kept.labelsOf(machine.name)[claimLabel],
      );
      assert.deepEqual(
        served.filter((claim) => claim !== undefined && live.includes(claim)),
        [],
        `I3: shared pool ${pool} is removed with nodes that are wished for`,
      );
      return;
    }
    assert.ok(tags[PoolTag.uid], `I3: ${pool} is not ours`);
    const record = cluster.base.records.all().find(({ metadata }) => metadata.uid === tags[PoolTag.uid]);
    if (record === undefined) return;
    const wish = readStoredStatus(slipwayOf(record))?.allocations.find((one) => one.pool === pool)?.wish;
    assert.notEqual(
      wish,
      'present',
      `I3: ${pool} is released although ${record.metadata.name} wishes for it`,
    );
  }

  /** I3 of shared pools: no node goes that a workspace wishes for and that is well, unless it wishes for fewer. */
  #assertMayRemove({ objects, ...cluster }: WorldCluster, body: unknown): void {
    const going =
      isRecord(body) && Array.isArray(body['machineNames']) ? body['machineNames'].map(String) : [];
    const live = new Map(this.#liveClaims(cluster).map((one) => [one.pool, one]));
    for (const [claim = '', machines] of Map.groupBy(
      going,
      (name) => objects.kept.labelsOf(name)[claimLabel],
    )) {
      const wished = live.get(claim);
      if (wished === undefined || wished.power === 'stopped') continue;
      const all = this.#world.azure.pools
        .filter((pool) => pool.cluster === cluster.name && !objects.ailing.has(pool.name))
        .flatMap((pool) => pool.machines.map(({ name }) => name))
        .filter((name) => objects.kept.labelsOf(name)[claimLabel] === claim && !objects.evicted.has(name));
      const left = all.filter((name) => !machines.includes(name)).length;
      assert.ok(
        left >= Math.min(wished.count, all.length),
        `I3: ${machines.join(', ')} go, of ${claim}, which wishes for ${wished.count}`,
      );
    }
  }

  #liveClaims({ base }: Pick<WorldCluster, 'base'>): Allocation[] {
    return base.records.all().flatMap((record) => {
      const stored = readStoredStatus(slipwayOf(record));
      return (stored?.allocations ?? []).filter(
        ({ wish, sharing }) => wish === 'present' && sharing === 'shared',
      );
    });
  }

  /** I1 in Azure, I2: asked for at moments when nothing is under way. */
  assertSettled(): void {
    for (const { name, base, objects } of this.#world.clusters) {
      const records = base.records.all();
      const listed = new Map(
        records.flatMap((record) =>
          (readStoredStatus(slipwayOf(record))?.allocations ?? []).map((one): [string, Allocation] => [
            one.pool,
            one,
          ]),
        ),
      );
      for (const pool of this.#world.azure.pools.filter(({ cluster }) => cluster === name)) {
        const uid = tagsOf(pool.properties)[PoolTag.uid];
        if (uid === undefined) continue;
        assert.equal(listed.get(pool.name)?.wish, 'present', `I1, I2: nobody wishes for pool ${pool.name}`);
      }
      for (const claim of objects.kept.claims())
        assert.equal(listed.get(claim)?.wish, 'present', `I2: nobody wishes for claim ${claim}`);
      const shared = this.#world.azure.pools.filter(
        ({ cluster, properties }) => cluster === name && isShared({ tags: tagsOf(properties) }),
      );
      const machines = shared.flatMap((pool) => pool.machines);
      const wished = [...listed.values()].filter(
        ({ wish, sharing }) => wish === 'present' && sharing === 'shared',
      );
      const nodes = wished.reduce((sum, { count, power }) => sum + (power === 'running' ? count : 0), 0);
      assert.ok(machines.length <= nodes, `I2: ${machines.length} machines for ${nodes} wished nodes`);
      if (shared.length > 0) assert.ok(wished.length > 0, 'I2: a shared pool is left');
      const uids = new Set(records.map(({ metadata }) => metadata.uid));
      for (const owner of objects.owners()) assert.ok(uids.has(owner), `I2: a workload of ${owner} is left`);
    }
  }

  /** I2: when the record goes, all else is gone. */
  #assertNothingLeft(cluster: WorldCluster, record: CustomResource): void {
    const { uid, name } = record.metadata;
    this.#world.note(`${name}: gone`);
    const pools = this.#world.azure.pools.filter(
      (pool) => pool.cluster === cluster.name && tagsOf(pool.properties)[PoolTag.uid] === uid,
    );
    assert.deepEqual(
      pools.map((pool) => pool.name),
      [],
      `I2: the record of ${name} went before its pools`,
    );
    const claims = cluster.objects.kept.claims().filter((claim) => cluster.objects.kept.uidOf(claim) === uid);
    assert.deepEqual(claims, [], `I2: the record of ${name} went before its claims`);
    assert.ok(!cluster.objects.owners().includes(uid), `I2: the record of ${name} went before its workload`);
  }
}

/** I1, of what is written: whoever reads it keeps one only. */
function assertOneLive(name: string, written: unknown): void {
  const allocations = Array.isArray(written) ? written.filter(isRecord) : [];
  const live = allocations.filter(({ wish }) => wish === 'present').map(({ pool }) => pool);
  assert.ok(live.length <= 1, `I1: ${name} wishes for ${live.join(' and ')}`);
  const names = allocations.map(({ pool }) => pool);
  assert.equal(new Set(names).size, names.length, `a pool name is used twice: ${names.join(', ')}`);
}

/** I4. */
function assertExplained(name: string, { phase, failure, waitingFor }: StoredSlipwayStatus): void {
  if (phase === Phase.Ready || phase === Phase.Succeeded) return;
  if (phase === Phase.Failed)
    assert.ok(
      failure?.code && failure.message && failure.remedy,
      `I4: ${name} failed without a reason or a remedy`,
    );
  else
    assert.ok(
      restful.has(phase) || waitingFor?.what,
      `I4: ${name} is ${phase} and does not say what it waits for`,
    );
}

function intentOf(record: CustomResource): string {
  return JSON.stringify([record['resource'], record['inference'], record.metadata.annotations]);
}

function targetOf(path: string): [cluster: string, pool: string] {
  const parts = path.split('/');
  return [parts[8] ?? '', parts[10] ?? ''];
}

function sizeIn(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('properties' in body)) return '';
  const { properties } = body;
  if (typeof properties !== 'object' || properties === null) return '';
  const { vmSize, count } = { vmSize: '', count: 0, ...properties };
  return `${count} x ${vmSize}`;
}

export function tagsOf(properties: Record<string, unknown> | undefined): Record<string, string> {
  const tags = properties?.['tags'];
  if (typeof tags !== 'object' || tags === null) return {};
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]));
}
