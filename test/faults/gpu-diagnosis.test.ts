import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { poolName } from '../../shared/lifecycle/workspace-key.ts';
import { isRecord, workspaceType } from '../harness/lives.ts';
import { FaultyPlatform } from './support/faulty-platform.ts';

const nodes = { group: '', version: 'v1', plural: 'nodes' };
const daemonSets = { group: 'apps', version: 'v1', plural: 'daemonsets' };
const plugin = { namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset' };

describe('nodes that are Ready and offer no GPU', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  const poolOf = (name: string): string => poolName(platform.state(name)?.uid ?? '', 1, 0);
  /** Reason and message of the condition NodesReady. */
  const nodesReady = (name: string): string => {
    const record = platform.harness.store.get(workspaceType, { namespace: 'default', name });
    const status = isRecord(record?.['status']) ? record['status'] : {};
    const conditions = Array.isArray(status['conditions']) ? status['conditions'].filter(isRecord) : [];
    const found = conditions.find(({ type }) => type === 'NodesReady');
    return `${String(found?.['reason'])}: ${String(found?.['message'])}`;
  };
  const waitsFor = (name: string): string => platform.state(name)?.waitingFor ?? '';
  /** It says what is missing while it waits, and how to mend it when the wait is over. */
  const expectDiagnosis = async (name: string, message: RegExp, remedy: RegExp): Promise<void> => {
    await platform.until(`${name} says what is missing`, () => message.test(waitsFor(name)));
    assert.match(waitsFor(name), /nvidia\.com\/gpu on 1 of 1 nodes/);
    await platform.until(`${name} says it in its condition`, () => message.test(nodesReady(name)));
    assert.match(nodesReady(name), /^NodePluginsNotReady: /);
    await platform.untilPhase(name, 'Failed');
    const failure = platform.state(name)?.failure;
    assert.equal(failure?.code, 'GpusNotAllocatable');
    assert.match(failure.message, message);
    assert.match(failure.remedy ?? '', remedy);
  };

  it('because the driver finds none', async () => {
    await platform.submit('no-driver');
    platform.faults({ nodes: [{ match: { pool: poolOf('no-driver') }, effect: 'noGpu' }] });
    await expectDiagnosis('no-driver', /NVIDIA driver is not installed/, /gpuProfile\.driver Install/);
    platform.heal();
    await platform.untilPhase('no-driver', 'Ready');
  });

  it('because the pod of the device plugin cannot pull its image', async () => {
    platform.faults({
      pods: [{ match: { namespace: 'kube-system', name: 'nvidia-*' }, effect: 'imagePullBackOff' }],
    });
    await platform.submit('no-image');
    await expectDiagnosis(
      'no-image',
      /DaemonSet kube-system\/nvidia-\S+ on node \S+ ImagePullError/,
      /kubectl describe/,
    );
    platform.heal();
    await platform.untilPhase('no-image', 'Ready');
  });

  it('because of a taint that the device plugin does not tolerate', async () => {
    await platform.submit('tainted');
    const mine = { labels: { agentpool: poolOf('tainted') } };
    await platform.until('its node has joined', () => platform.harness.store.list(nodes, mine).length > 0);
    for (const { metadata } of platform.harness.store.list(nodes, mine)) {
      platform.harness.store.mutate(nodes, { name: metadata.name }, (node) => {
        const spec = isRecord(node['spec']) ? node['spec'] : {};
        const taints: unknown[] = Array.isArray(spec['taints']) ? spec['taints'] : [];
        node['spec'] = {
          ...spec,
          taints: [...taints, { key: 'team', value: 'research', effect: 'NoSchedule' }],
        };
      });
    }
    await expectDiagnosis('tainted', /does not tolerate the taint team=research:NoSchedule/, /toleration/);
  });

  it('because somebody removed the device plugin, which comes back by itself', async () => {
    await platform.submit('no-plugin');
    await platform.until('its node has joined', () => {
      return platform.harness.store.list(nodes, { labels: { agentpool: poolOf('no-plugin') } }).length > 0;
    });
    platform.harness.store.remove(daemonSets, plugin);
    await platform.untilPhase('no-plugin', 'Ready');
    assert.ok(platform.harness.store.get(daemonSets, plugin), 'the plugin is there again');
  });

  it('all can be deleted without a trace', () =>
    platform.deleteCleanly('no-driver', 'no-image', 'tainted', 'no-plugin'));
});
