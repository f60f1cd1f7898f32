import assert from 'node:assert/strict';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { after, before, describe, it } from 'node:test';
import type {
  NodeProvisioner,
  PoolRequest,
  PoolView,
} from '../../../shared/provisioning/node-provisioner.ts';
import { PoolTag, ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';

/** In what the ways to get nodes differ by their nature. */
export interface Nature {
  /** A size the cloud has capacity for; empty where sizes are not chosen. */
  instanceType: string;
  /** What a pool is right after it was asked for: nodes that are there already need not be made. */
  begins: 'creating' | 'succeeded';
  /** What is left right after a deletion was asked for: machines take their time, a note does not. */
  ends: 'deleting' | 'absent';
  /** Code of a call whose answer is lost on the way. */
  unreachable: string;
  /** The nodes of a pool are named in its view, rather than by a label of theirs. */
  namesNodes: boolean;
  /** It asks a cloud, which may have no capacity. */
  mayLackCapacity: boolean;
  /** A pool is a claim on nodes of another. */
  shared?: boolean;
}

/** What the contract needs of a provisioner under test. */
export interface ProvisionerUnderTest {
  provisioner: NodeProvisioner;
  /** Lets the cloud's time pass until the condition holds. */
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  /** Makes a pool without Slipway's tags, as a person would. */
  makeForeignPool(name: string): Promise<void>;
  /** The next creation of this pool is accepted and fails for want of capacity. */
  failNextCreate(name: string): void;
  /** The next creation is carried out and its answer lost. */
  loseAnswer(): void;
  stop(): Promise<void>;
}

/** Checks that what was thrown is a classified failure, and returns it. */
async function failureOf(promise: Promise<unknown>): Promise<ProvisioningError['failure']> {
  let failure: ProvisioningError['failure'] | undefined;
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ProvisioningError, `${String(error)} is no ProvisioningError`);
    ({ failure } = error);
    return true;
  });
  assert.ok(failure);
  return failure;
}

/** What every NodeProvisioner promises (see the port). */
export function nodeProvisionerContract(
  name: string,
  nature: Nature,
  start: () => Promise<ProvisionerUnderTest>,
): void {
  describe(`node provisioner: ${name}`, () => {
    let cloud: ProvisionerUnderTest;
    before(async () => void (cloud = await start()));
    after(() => cloud.stop());

    const request = (pool: string, uid = `uid-of-${pool}`): PoolRequest => ({
      name: pool,
      instanceType: nature.instanceType,
      count: 1,
      diskGiB: 256,
      labels: { 'kaito.sh/workspace': 'phi' },
      userLabels: { apps: 'phi' },
      taints: ['sku=gpu:NoSchedule'],
      tags: {
        [PoolTag.workspace]: 'main/default/phi',
        [PoolTag.uid]: uid,
        [PoolTag.generation]: '1',
        [PoolTag.owner]: 'test',
      },
      osSku: 'Ubuntu',
      placement: regionalOnDemand,
    });
    const find = async (pool: string): Promise<PoolView | undefined> =>
      (await cloud.provisioner.list()).find((one) => one.name === pool);
    const reach = (pool: string, state: PoolView['state']): Promise<void> =>
      cloud.until(`${pool} ${state}`, async () => (await find(pool))?.state === state);
    const drop = async (pool: string): Promise<void> => {
      await cloud.provisioner.delete(pool);
      await cloud.until(`${pool} gone`, async () => (await find(pool)) === undefined);
    };

    it('starts a pool without waiting for it, lists it, and it succeeds with its tags', async () => {
      const wanted = request('ws1');
      assert.equal(await cloud.provisioner.create(wanted), 'started');
      assert.equal((await find('ws1'))?.state, nature.begins);
      await reach('ws1', 'succeeded');
      const found = (await find('ws1')) ?? assert.fail('not listed');
      const { nodes, provisioningState, sharedPool, ...view } = found;
      assert.deepEqual(view, {
        name: 'ws1',
        instanceType: nature.instanceType,
        count: 1,
        state: 'succeeded',
        tags: wanted.tags,
      });
      assert.notEqual(provisioningState, '');
      if (nature.namesNodes) assert.ok(nodes !== undefined && nodes.length >= 1);
      else assert.equal(nodes, undefined);
      assert.equal(sharedPool !== undefined, nature.shared ?? false);
      await drop('ws1');
    });

    it('adopts its own pool when asked again, while it is made and after', async () => {
      assert.equal(await cloud.provisioner.create(request('ws2')), 'started');
      assert.equal(await cloud.provisioner.create(request('ws2')), 'exists');
      await reach('ws2', 'succeeded');
      assert.equal(await cloud.provisioner.create(request('ws2')), 'exists');
      await drop('ws2');
    });

    it('makes one pool although the answer to the creation is lost', async () => {
      cloud.loseAnswer();
      const failure = await failureOf(cloud.provisioner.create(request('ws3')));
      assert.deepEqual([failure.class, failure.code], ['retry', nature.unreachable]);
      assert.equal(await cloud.provisioner.create(request('ws3')), 'exists');
      assert.equal((await cloud.provisioner.list()).filter((pool) => pool.name === 'ws3').length, 1);
      await reach('ws3', 'succeeded');
      await drop('ws3');
    });

    it('takes no pool of another workspace for its own', async () => {
      await cloud.provisioner.create(request('ws4', 'uid-a'));
      await reach('ws4', 'succeeded');
      const failure = await failureOf(cloud.provisioner.create(request('ws4', 'uid-b')));
      assert.deepEqual([failure.class, failure.code], ['bug', 'PoolNameTaken']);
      await drop('ws4');
    });

    it('leaves a stranger’s pool alone: neither adopted, scaled nor deleted', async () => {
      await cloud.makeForeignPool('people');
      const before = await find('people');
      assert.equal(before?.state, 'succeeded');
      assert.equal((await failureOf(cloud.provisioner.create(request('people')))).code, 'PoolNameTaken');
      assert.equal((await failureOf(cloud.provisioner.delete('people'))).code, 'NotOurs');
      assert.equal((await failureOf(cloud.provisioner.scale('people', 3))).code, 'NotOurs');
      assert.deepEqual(await find('people'), before);
    });

    it('scales up and down, and does nothing when there is nothing to do', async () => {
      await cloud.provisioner.create(request('ws5'));
      await reach('ws5', 'succeeded');
      for (const count of [2, 1]) {
        assert.equal(await cloud.provisioner.scale('ws5', count), 'started');
        await reach('ws5', 'succeeded');
        assert.equal((await find('ws5'))?.count, count);
      }
      assert.equal(await cloud.provisioner.scale('ws5', 1), 'unchanged');
      assert.deepEqual((await find('ws5'))?.tags, request('ws5').tags);
      await drop('ws5');
    });

    it('cannot scale what is not there', async () => {
      assert.equal((await failureOf(cloud.provisioner.scale('none', 1))).code, 'NotFound');
    });

    it('deletes once, and says so when there is nothing to delete', async () => {
      await cloud.provisioner.create(request('ws6'));
      await reach('ws6', 'succeeded');
      assert.equal(await cloud.provisioner.delete('ws6'), 'started');
      assert.equal((await find('ws6'))?.state ?? 'absent', nature.ends);
      assert.equal(await cloud.provisioner.delete('ws6'), nature.ends === 'absent' ? 'absent' : 'started');
      await cloud.until('ws6 gone', async () => (await find('ws6')) === undefined);
      assert.equal(await cloud.provisioner.delete('ws6'), 'absent');
    });

    if (nature.mayLackCapacity) {
      it('shows a pool that could not be made with the classified reason, and deletes it', async () => {
        cloud.failNextCreate('ws7');
        assert.equal(await cloud.provisioner.create(request('ws7')), 'started');
        await reach('ws7', 'failed');
        const failure = (await find('ws7'))?.failure;
        assert.deepEqual([failure?.class, failure?.code], ['next-rung', 'AllocationFailed']);
        assert.ok((failure?.remedy ?? '') !== '');
        await drop('ws7');
      });
    }

    it('keeps a pool that is scaled to none, and gives it nodes again', async () => {
      await cloud.provisioner.create(request('ws8'));
      await reach('ws8', 'succeeded');
      for (const count of [0, 1]) {
        assert.equal(await cloud.provisioner.scale('ws8', count), 'started');
        await cloud.until(`ws8 has ${count}`, async () => {
          const pool = await find('ws8');
          return pool?.state === 'succeeded' && pool.count === count;
        });
      }
      await drop('ws8');
    });

    it('calls a malformed name our own fault', async () => {
      assert.equal((await failureOf(cloud.provisioner.create(request('Not-A-Pool')))).class, 'bug');
    });

    it('tells the power state', async () => {
      assert.equal(await cloud.provisioner.powerState(), 'running');
    });
  });
}
