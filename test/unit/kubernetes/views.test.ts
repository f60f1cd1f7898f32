import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDevicePlugin } from '../../../shared/kubernetes/device-plugin.ts';
import { toNodeView } from '../../../shared/kubernetes/node-view.ts';
import { pluralOf, resourcePath } from '../../../shared/kubernetes/resource-path.ts';
import type { JobFacts, StatefulSetFacts } from '../../../shared/kubernetes/workload-view.ts';
import { fromJob, fromStatefulSet } from '../../../shared/kubernetes/workload-view.ts';

const metadata = {
  name: 'phi',
  namespace: 'default',
  uid: 'set-uid',
  generation: 2,
  annotations: { 'slipway.dev/workload-revision': 'r7' },
  ownerReferences: [{ kind: 'Workspace', uid: 'ws-uid' }],
};
const settled = {
  observedGeneration: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  currentRevision: 'x',
  updateRevision: 'x',
};
const set = (
  status: StatefulSetFacts['status'],
  spec: StatefulSetFacts['spec'] = { replicas: 2 },
): StatefulSetFacts => ({
  metadata,
  spec,
  ...(status && { status }),
});

describe('a StatefulSet as the observer sees it', () => {
  it('shows owner, revision and readiness', () => {
    assert.deepEqual(fromStatefulSet(set(settled), []), {
      ownerUid: 'ws-uid',
      name: 'phi',
      namespace: 'default',
      kind: 'StatefulSet',
      uid: 'set-uid',
      deleting: false,
      revision: 'r7',
      replicas: 2,
      readyReplicas: 2,
      upToDate: true,
    });
  });

  const behind: [string, StatefulSetFacts['status']][] = [
    ['its controller has not seen the newest spec', { ...settled, observedGeneration: 1 }],
    ['a pod still runs the old one', { ...settled, updatedReplicas: 1, updateRevision: 'y' }],
    ['all pods are new but the roll-out is not closed', { ...settled, updateRevision: 'y' }],
    ['nothing is known yet', undefined],
  ];
  for (const [when, status] of behind) {
    it(`is not up to date while ${when}`, () =>
      assert.equal(fromStatefulSet(set(status), [])?.upToDate, false));
  }

  it('is up to date when scaled to nothing', () => {
    const status = { ...settled, updatedReplicas: 0, readyReplicas: 0 };
    assert.equal(fromStatefulSet(set(status, { replicas: 0 }), [])?.upToDate, true);
  });

  it('shows the problems of its own pods only', () => {
    const status = {
      containerStatuses: [{ name: 'c', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    };
    const podOf = (uid: string): object => ({
      metadata: { name: uid, ownerReferences: [{ kind: 'StatefulSet', uid }] },
      status,
    });
    assert.equal(fromStatefulSet(set(settled), [podOf('another')])?.problem, undefined);
    assert.equal(fromStatefulSet(set(settled), [podOf('set-uid')])?.problem?.pod, 'set-uid');
  });

  it('is nobody’s without an owning Workspace', () => {
    assert.equal(fromStatefulSet({ metadata: { name: 'x', uid: 'y' } }, []), undefined);
  });
});

describe('a Job as the observer sees it', () => {
  const outcomes: [string, JobFacts['status'], string | undefined][] = [
    ['runs', { active: 1, ready: 1 }, undefined],
    ['has its pod succeeded', { succeeded: 1 }, 'complete'],
    ['is Complete', { conditions: [{ type: 'Complete', status: 'True' }] }, 'complete'],
    ['is Failed', { conditions: [{ type: 'Failed', status: 'True' }] }, 'failed'],
    ['had one pod fail, as KAITO counts it', { failed: 1, ready: 1 }, 'failed'],
    ['is not Failed yet', { conditions: [{ type: 'Failed', status: 'False' }] }, undefined],
  ];
  for (const [what, status, outcome] of outcomes) {
    it(`ends ${outcome ?? 'not'} when it ${what}`, () => {
      assert.equal(fromJob({ metadata, ...(status && { status }) }, [])?.outcome, outcome);
    });
  }

  it('has started once it has a pod, ready or not', () => {
    const started = (status: object): unknown => fromJob({ metadata, status }, [])?.started;
    assert.deepEqual(
      [started({}), started({ active: 0 }), started({ active: 1 }), started({ ready: 1 })],
      [undefined, undefined, true, true],
    );
  });
});

describe('a node as the observer sees it', () => {
  const ready = [{ type: 'Ready', status: 'True' }];

  it('is ready with the GPUs that may be used', () => {
    const node = {
      metadata: { name: 'n', labels: { a: 'b' } },
      status: { conditions: ready, allocatable: { 'nvidia.com/gpu': '2' } },
    };
    assert.deepEqual(toNodeView(node), {
      name: 'n',
      labels: { a: 'b' },
      ready: true,
      deleting: false,
      gpus: 2,
    });
  });

  it('has no GPU before the device plugin has registered any', () => {
    assert.equal(toNodeView({ metadata: { name: 'n' }, status: { conditions: ready } }).gpus, 0);
  });

  it('says why it is not ready', () => {
    const conditions = [
      { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting.' },
    ];
    const view = toNodeView({
      metadata: { name: 'n', deletionTimestamp: new Date(0) },
      status: { conditions },
    });
    assert.deepEqual(
      [view.ready, view.deleting, view.reason],
      [false, true, 'NodeStatusUnknown: Kubelet stopped posting.'],
    );
  });
});

describe('a device plugin of somebody else', () => {
  const withImage = (image: string, name = 'plugin'): Parameters<typeof isDevicePlugin>[0] => ({
    metadata: { name },
    spec: { template: { spec: { containers: [{ image }] } } },
  });

  for (const image of [
    'nvcr.io/nvidia/k8s-device-plugin:v0.17.0',
    'mcr.microsoft.com/oss/v2/nvidia/k8s-device-plugin:v0.18.0',
    'nvcr.io/nvidia/k8s-device-plugin@sha256:abc',
  ]) {
    it(`is known by its image ${image}`, () => assert.ok(isDevicePlugin(withImage(image))));
  }
  it('is known by its usual name, whatever the mirror', () => {
    assert.ok(isDevicePlugin(withImage('mirror.local/plugin:1', 'gpu-nvidia-device-plugin')));
  });
  for (const image of [
    'rocm/k8s-device-plugin:1',
    'intel/intel-gpu-plugin:1',
    'nvcr.io/nvidia/dcgm-exporter:4',
  ]) {
    it(`is not ${image}`, () => assert.ok(!isDevicePlugin(withImage(image))));
  }
});

describe('paths of the Kubernetes API', () => {
  it('tell core from groups, namespaced from cluster-wide', () => {
    assert.equal(resourcePath({ apiVersion: 'v1', plural: 'nodes' }), '/api/v1/nodes');
    const apps = { apiVersion: 'apps/v1', plural: 'statefulsets', namespace: 'a', name: 'b' };
    assert.equal(resourcePath(apps), '/apis/apps/v1/namespaces/a/statefulsets/b');
    assert.equal(
      resourcePath({ ...apps, subresource: 'status' }),
      '/apis/apps/v1/namespaces/a/statefulsets/b/status',
    );
  });

  it('cannot be bent by a name', () => {
    const path = resourcePath({
      apiVersion: 'v1',
      plural: 'pods',
      namespace: '../kube-system',
      name: 'a?b#c',
    });
    assert.equal(path, '/api/v1/namespaces/..%2Fkube-system/pods/a%3Fb%23c');
  });

  it('exist for no kind that Slipway does not make', () => {
    assert.equal(pluralOf('batch/v1', 'Job'), 'jobs');
    assert.throws(() => pluralOf('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'), { code: 'Invalid' });
  });
});
