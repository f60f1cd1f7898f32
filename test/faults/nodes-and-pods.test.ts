import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import { poolName } from '../../shared/lifecycle/workspace-key.ts';
import { FaultyPlatform } from './support/faulty-platform.ts';

type NodeEffect = NonNullable<FaultRulesInput['nodes']>[number]['effect'];
type PodEffect = NonNullable<FaultRulesInput['pods']>[number]['effect'];

/** What Failed must say, and what brings the workspace back once the cause is gone. */
interface Ends {
  code: string | RegExp;
  message: RegExp;
  remedy: RegExp;
  recovers: 'by itself' | 'by a retry';
}

/** A node fault strikes the pools of these allocation generations: a second pool is the platform's own cure. */
const nodeFaults: Record<string, { effect: NodeEffect; generations: number[]; ends: Ends | 'Ready' }> = {
  'never-ready-once': { effect: 'neverReady', generations: [1], ends: 'Ready' },
  'never-ready': {
    effect: 'neverReady',
    generations: [1, 2],
    ends: {
      code: 'NodesNotReady',
      message: /waited 40 minutes for nodes to be Ready: 0 of 1/,
      remedy: /kubectl describe node/,
      recovers: 'by itself',
    },
  },
  'never-joins': {
    effect: 'neverJoins',
    generations: [1, 2],
    ends: {
      code: 'NodesNotReady',
      message: /nodes to be Ready: 0 of 1/,
      remedy: /kubectl describe node/,
      recovers: 'by a retry',
    },
  },
  'without-gpu': {
    effect: 'noGpu',
    generations: [1, 2],
    ends: {
      code: 'GpusNotAllocatable',
      message: /nvidia\.com\/gpu on 1 of 1 nodes/,
      remedy: /NVIDIA driver/,
      recovers: 'by a retry',
    },
  },
};

const podFaults: Record<string, { effect: PodEffect; times?: number; ends: Ends | 'Ready' }> = {
  'crash-loop': {
    effect: 'crashLoop',
    ends: {
      code: 'ContainerCrashLoopBackOff',
      message: /0 of 1 pods ready/,
      remedy: /kubectl logs -n default crash-loop-0/,
      recovers: 'by itself',
    },
  },
  'no-image': {
    effect: 'imagePullBackOff',
    ends: {
      code: 'ImagePullError',
      message: /0 of 1 pods ready/,
      remedy: /registry/,
      recovers: 'by itself',
    },
  },
  'out-of-memory': {
    effect: 'oomKilled',
    ends: {
      code: 'ContainerOOMKilled',
      message: /0 of 1 pods ready/,
      remedy: /max-model-len/,
      recovers: 'by a retry',
    },
  },
  'never-serves': {
    effect: 'neverReady',
    ends: {
      // The startup probe has the container restarted again and again: it runs at the deadline, or backs off.
      code: /^(WorkloadNotReady|ContainerCrashLoopBackOff)$/,
      message: /0 of 1 pods ready/,
      remedy: /kubectl logs -n default never-serves-0/,
      recovers: 'by a retry',
    },
  },
  'evicted-once': { effect: 'evicted', times: 1, ends: 'Ready' },
};

const unschedulable: Ends = {
  code: 'Unschedulable',
  message: /0\/\d+ nodes are available/,
  remedy: /kubectl describe pod -n default unschedulable-0/,
  recovers: 'by itself',
};

describe('nodes and pods that do not come up', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  const endings: [string, Ends | 'Ready'][] = [
    ...Object.entries(nodeFaults).map(([name, { ends }]): [string, Ends | 'Ready'] => [name, ends]),
    ...Object.entries(podFaults).map(([name, { ends }]): [string, Ends | 'Ready'] => [name, ends]),
    ['unschedulable', unschedulable],
  ];
  const names = endings.map(([name]) => name);
  const failing = endings.flatMap(([name, ends]) => (ends === 'Ready' ? [] : [{ name, ends }]));

  const poolOf = (name: string, generation: number): string =>
    poolName(platform.state(name)?.uid ?? '', generation, 0);

  /** Somebody cordons the nodes of a workspace, or takes that back. */
  const cordon = (name: string, unschedulable: boolean): void => {
    const nodes = { group: '', version: 'v1', plural: 'nodes' };
    for (const { metadata } of platform.harness.store.list(nodes, {
      labels: { agentpool: poolOf(name, 1) },
    })) {
      platform.harness.store.mutate(nodes, { name: metadata.name }, (node) => {
        const spec = typeof node['spec'] === 'object' ? node['spec'] : {};
        node['spec'] = { ...spec, unschedulable };
      });
    }
  };

  it('each heals, or ends Failed with a code, what was seen, and what to do about it', async () => {
    for (const name of names) {
      const answer = await platform.post(name);
      assert.equal(answer.status, 202, answer.text);
    }
    platform.faults({
      nodes: Object.entries(nodeFaults).flatMap(([name, { effect, generations }]) =>
        generations.map((generation) => ({ match: { pool: poolOf(name, generation) }, effect })),
      ),
      pods: Object.entries(podFaults).map(([name, { effect, times }]) => ({
        match: { name: `${name}-0` },
        effect,
        ...(times === undefined ? {} : { times }),
      })),
    });
    const nodes = { group: '', version: 'v1', plural: 'nodes' };
    await platform.until(
      'the node to cordon has joined',
      () =>
        platform.harness.store.list(nodes, { labels: { agentpool: poolOf('unschedulable', 1) } }).length > 0,
    );
    cordon('unschedulable', true);
    await platform.until('all have settled', () =>
      endings.every(
        ([name, ends]) => platform.state(name)?.phase === (ends === 'Ready' ? 'Ready' : 'Failed'),
      ),
    );
    for (const { name, ends } of failing) {
      const state = platform.state(name);
      const code = typeof ends.code === 'string' ? new RegExp(`^${ends.code}$`) : ends.code;
      assert.ok(state?.failure, `${name} says nothing`);
      assert.match(state.failure.code, code, name);
      assert.match(state.failure.message, ends.message, name);
      assert.match(state.failure.remedy ?? '', ends.remedy, name);
      assert.equal(state.state, 'Failed', name);
      assert.equal(state.conditions['InferenceReady'], 'False', name);
    }
  });

  it('nodes that never became Ready were replaced once', () => {
    const generations = (name: string): number[] =>
      (platform.state(name)?.pools ?? [])
        .filter(({ wish }) => wish === 'present')
        .map((pool) => pool.generation);
    assert.deepEqual(generations('never-ready-once'), [2]);
    assert.deepEqual(generations('never-ready'), [2]);
  });

  it('each becomes Ready after the cause is gone', async () => {
    platform.heal();
    cordon('unschedulable', false);
    for (const { name, ends } of failing) if (ends.recovers === 'by a retry') await platform.retry(name);
    await platform.untilAll(names, 'Ready');
    for (const name of names) assert.equal(platform.state(name)?.failure, undefined, name);
  });

  it('a machine that falls silent makes its workspace Degraded, then Ready again on the same pool', async () => {
    const name = 'crash-loop';
    const pool = poolOf(name, 1);
    platform.faults({ nodes: [{ match: { pool }, effect: 'notReady' }] });
    await platform.untilPhase(name, 'Degraded');
    assert.equal(platform.state(name)?.state, 'NotReady');
    platform.heal();
    await platform.untilPhase(name, 'Ready');
    assert.deepEqual(await platform.poolsOf(name), [pool]);
  });

  it('all can be deleted without a trace', () => platform.deleteCleanly(...names));

  it('weights on local NVMe disks: Ready with the StorageClass of the disks, and the claim goes with the workspace', async () => {
    platform.harness.store.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'kaito-local-nvme-disk' },
      provisioner: 'localdisk.csi.acstor.io',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    const claims = { group: '', version: 'v1', plural: 'persistentvolumeclaims' };
    const answer = await platform.post('on-nvme', { preset: 'phi-4' });
    assert.equal(answer.status, 202, answer.text);
    await platform.untilPhase('on-nvme', 'Ready', 'Failed');
    assert.equal(platform.state('on-nvme')?.phase, 'Ready');
    const [claim] = platform.harness.store.list(claims, { namespace: 'default' });
    assert.equal(claim?.metadata.name, 'model-weights-volume-on-nvme-0');
    await platform.deleteCleanly('on-nvme');
    assert.deepEqual(platform.harness.store.list(claims, { namespace: 'default' }), []);
  });

  it('tells no secret', () => {
    assert.deepEqual(platform.secretsTold(), []);
  });
});
