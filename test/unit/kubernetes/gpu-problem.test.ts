import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonSetFacts } from '../../../shared/kubernetes/device-plugin.ts';
import type { GpuNode, PluginFacts } from '../../../shared/kubernetes/gpu-problem.ts';
import { findGpuProblem } from '../../../shared/kubernetes/gpu-problem.ts';
import { toNodeView } from '../../../shared/kubernetes/node-view.ts';
import { renderDevicePlugin } from '../../../shared/manifests/device-plugin.ts';

const set: DaemonSetFacts = renderDevicePlugin();
const node: GpuNode = { name: 'gpu-0', labels: { accelerator: 'nvidia' } };
const pod = (conditions: object[], more: object = {}): PluginFacts['pods'][number] => ({
  metadata: { name: 'plugin-x' },
  spec: { nodeName: 'gpu-0' },
  status: { phase: 'Running', conditions: conditions as never[], ...more },
});
const ready = pod([{ type: 'Ready', status: 'True' }]);
const problemOf = (on: GpuNode, pods: PluginFacts['pods'], of = set): [string, string] => {
  const { reason, message } = findGpuProblem(on, [{ set: of, pods }]);
  return [reason, message];
};

describe('a Ready node without GPUs', () => {
  it('has no device plugin in its cluster', () => {
    assert.equal(findGpuProblem(node, []).reason, 'DevicePluginAbsent');
  });

  it('has none on it because of a taint that is not tolerated, and those of Kubernetes itself are', () => {
    const taints = [
      { key: 'team', value: 'research', effect: 'NoSchedule' },
      { key: 'sku', value: 'gpu', effect: 'NoSchedule' },
      { key: 'kubernetes.azure.com/scalesetpriority', value: 'spot', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
      { key: 'soft', value: 'x', effect: 'PreferNoSchedule' },
    ];
    const [reason, message] = problemOf({ ...node, taints }, []);
    assert.equal(reason, 'DevicePluginNotScheduled');
    assert.match(message, /no pod on node gpu-0: it does not tolerate the taint team=research:NoSchedule$/);
  });

  it('has none on it because it lacks the labels that the plugin selects', () => {
    const [reason, message] = problemOf({ name: 'gpu-0', labels: {} }, []);
    assert.equal(reason, 'DevicePluginNotScheduled');
    assert.match(message, /accelerator=nvidia, kubernetes\.azure\.com\/accelerator=nvidia/);
    const selecting: DaemonSetFacts = {
      ...set,
      spec: { template: { spec: { containers: [], nodeSelector: { pool: 'gpu' } } } },
    };
    assert.match(problemOf(node, [], selecting)[1], /the node lacks the label pool=gpu$/);
  });

  it('has one that does not run, and says how', () => {
    const pulling = pod([{ type: 'Ready', status: 'False' }], {
      containerStatuses: [
        {
          name: 'c',
          ready: false,
          state: { waiting: { reason: 'ImagePullBackOff', message: 'no such registry' } },
        },
      ],
    });
    const [reason, message] = problemOf(node, [pulling]);
    assert.equal(reason, 'DevicePluginFailing');
    assert.match(
      message,
      /pod plugin-x of DaemonSet kube-system\/nvidia-device-plugin-daemonset on node gpu-0 ImagePullError: .*no such registry/,
    );
    assert.match(problemOf(node, [pod([], { phase: 'Pending' })])[1], /is Pending$/);
  });

  it('has one that runs and finds nothing: the driver is missing', () => {
    const [reason, message] = problemOf(node, [ready]);
    assert.equal(reason, 'DriverMissing');
    assert.match(message, /NVIDIA driver is not installed or not loaded$/);
    const unlabelled = problemOf({ name: 'gpu-0', labels: {} }, [ready]);
    assert.match(unlabelled[1], /no label says that it has one/);
  });

  it('is not explained by pods of other nodes', () => {
    const elsewhere = { ...ready, spec: { nodeName: 'gpu-1' } };
    assert.equal(problemOf(node, [elsewhere])[0], 'DevicePluginNotScheduled');
  });
});

describe('a node as the observer sees it', () => {
  const conditions = (...pressed: string[]): { type: string; status: string }[] => [
    { type: 'Ready', status: 'True' },
    ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
      type,
      status: pressed.includes(type) ? 'True' : 'False',
    })),
  ];

  it('tells which resources run short', () => {
    const view = (...pressed: string[]): string[] | undefined =>
      toNodeView({ status: { conditions: conditions(...pressed) } }).pressure;
    assert.equal(view(), undefined);
    assert.deepEqual(view('MemoryPressure', 'DiskPressure'), ['DiskPressure', 'MemoryPressure']);
  });

  it('counts whole GPUs and MIG slices alike', () => {
    const gpus = (allocatable: Record<string, string>): number =>
      toNodeView({ status: { allocatable, conditions: conditions() } }).gpus;
    assert.equal(gpus({ 'nvidia.com/gpu': '4', cpu: '8' }), 4);
    assert.equal(gpus({ 'nvidia.com/gpu': '0', 'nvidia.com/mig-1g.10gb': '7' }), 7);
    assert.equal(gpus({ 'nvidia.com/gpu.shared': '9' }), 0);
    assert.equal(gpus({ 'nvidia.com/gpu': 'many' }), 0);
  });
});
