import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { codeOf, createRecord, workspace } from './cluster-under-test.ts';
import type { ClusterUnderTest, Manifest } from './cluster-under-test.ts';

const namespace = 'default';
const ownedBy = (name: string, uid: string): Record<string, unknown>[] => [
  {
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  },
];
const labelsOf = (name: string): Record<string, string> => ({
  'kaito.sh/workspace': name,
  'app.kubernetes.io/managed-by': 'slipway',
});

function service(name: string, uid: string, port = 80): Manifest {
  const metadata = { name, namespace, labels: labelsOf(name), ownerReferences: ownedBy(name, uid) };
  const ports = [{ name: 'http', protocol: 'TCP', port, targetPort: 5000 }];
  const spec = { type: 'ClusterIP', selector: { 'kaito.sh/workspace': name }, ports };
  return { apiVersion: 'v1', kind: 'Service', plural: 'services', metadata, spec };
}

function statefulSet(
  name: string,
  uid: string,
  { replicas = 1, revision = 'r1', pods = 'Parallel' } = {},
): Manifest {
  const annotations = { 'slipway.dev/workload-revision': revision };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    metadata: { name, namespace, labels: labelsOf(name), annotations, ownerReferences: ownedBy(name, uid) },
    spec: {
      replicas,
      serviceName: `${name}-headless`,
      podManagementPolicy: pods,
      selector: { matchLabels: { 'kaito.sh/workspace': name } },
      template: {
        metadata: { labels: labelsOf(name) },
        spec: {
          containers: [
            {
              name: 'model',
              image: 'example/model:1',
              resources: { limits: { 'nvidia.com/gpu': '1' }, requests: { 'nvidia.com/gpu': '1' } },
            },
          ],
        },
      },
    },
  };
}

/** The same object as the app hands it over: no plural. */
function applied({ plural: _, ...manifest }: Manifest): Omit<Manifest, 'plural'> {
  return manifest;
}

function uidOf(object: Record<string, unknown> | undefined): unknown {
  const metadata = object?.['metadata'];
  assert.ok(typeof metadata === 'object' && metadata !== null && 'uid' in metadata);
  return metadata.uid;
}

/** What Slipway makes for workspaces. */
export function workloadsContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  describe(`workloads: ${name}`, () => {
    let cluster: ClusterUnderTest;
    before(async () => {
      cluster = await start();
      await cluster.until('established', async () => (await cluster.connection.system.install()).established);
    });
    after(() => cluster.stop());

    const deploy = async (named: string): Promise<string> => {
      const { metadata } = await createRecord(cluster, workspace(named));
      const objects = [service(named, metadata.uid), statefulSet(named, metadata.uid)];
      await cluster.connection.workloads.apply(objects.map(applied));
      return metadata.uid;
    };
    const find = async (named: string) =>
      (await cluster.connection.workloads.list()).find((view) => view.name === named);
    const removeAll = (named: string, uid: string): Promise<void> =>
      cluster.until(
        `${named} removed`,
        async () => (await cluster.connection.workloads.remove({ namespace, name: named }, uid)) === 0,
      );

    it('are applied, listed with owner and revision, and applied again without effect', async () => {
      const uid = await deploy('phi');
      const before = await cluster.read(statefulSet('phi', uid));
      await cluster.connection.workloads.apply([applied(statefulSet('phi', uid))]);
      const view = await find('phi');
      assert.equal(view?.ownerUid, uid);
      assert.deepEqual(
        [view.kind, view.revision, view.replicas, view.readyReplicas, view.deleting],
        ['StatefulSet', 'r1', 1, 0, false],
      );
      const again = await cluster.read(statefulSet('phi', uid));
      assert.deepEqual(specOf(again), specOf(before));
      assert.match(JSON.stringify(again), /"manager":"slipway","operation":"Apply"/);
    });

    it('take a change', async () => {
      const uid = await deploy('changed');
      await cluster.connection.workloads.apply([
        applied(statefulSet('changed', uid, { replicas: 2, revision: 'r2' })),
      ]);
      const view = await find('changed');
      assert.deepEqual([view?.replicas, view?.revision], [2, 'r2']);
    });

    it('make a StatefulSet anew where it cannot be changed in place, and keep its Service', async () => {
      const uid = await deploy('frozen');
      const old = await find('frozen');
      const address = uidOf(await cluster.read(service('frozen', uid)));
      const changed = applied(statefulSet('frozen', uid, { pods: 'OrderedReady', revision: 'r2' }));
      assert.equal(await codeOf(cluster.connection.workloads.apply([changed])), 'Conflict');
      await cluster.until('made anew', async () => {
        await cluster.connection.workloads.apply([changed]);
        return (await find('frozen'))?.revision === 'r2';
      });
      assert.notEqual((await find('frozen'))?.uid, old?.uid);
      assert.equal(uidOf(await cluster.read(service('frozen', uid))), address);
      await removeAll('frozen', uid);
    });

    it('leave a Service as it is once it is made, as KAITO does', async () => {
      const uid = await deploy('kept');
      await cluster.connection.workloads.apply([applied(service('kept', uid, 8080))]);
      assert.match(JSON.stringify(specOf(await cluster.read(service('kept', uid)))), /"port":80\b/);
    });

    it('show why a pod cannot run', async () => {
      const uid = await deploy('stuck');
      await cluster.until('unschedulable', async () => (await find('stuck'))?.problem !== undefined);
      assert.equal((await find('stuck'))?.problem?.reason, 'Unschedulable');
      await removeAll('stuck', uid);
    });

    it('never take over what somebody else has made', async () => {
      const { metadata } = await createRecord(cluster, workspace('taken'));
      const theirs = statefulSet('taken', 'none');
      await cluster.create({ ...theirs, metadata: { name: 'taken', namespace } });
      const code = await codeOf(
        cluster.connection.workloads.apply([applied(statefulSet('taken', metadata.uid))]),
      );
      assert.equal(code, 'AlreadyExists');
      assert.equal(await cluster.connection.workloads.remove({ namespace, name: 'taken' }, metadata.uid), 0);
    });

    it('wait for the objects of a predecessor of that name', async () => {
      await deploy('heir');
      assert.equal(
        await codeOf(cluster.connection.workloads.apply([applied(service('heir', 'uid-of-the-next'))])),
        'Conflict',
      );
      assert.equal(
        await codeOf(cluster.connection.workloads.apply([applied(statefulSet('heir', 'uid-of-the-next'))])),
        'Conflict',
      );
    });

    it('are removed with their pods, and nothing of another workspace', async () => {
      const uid = await deploy('gone');
      const other = await deploy('stays');
      await cluster.until('a pod', async () => (await find('gone'))?.problem !== undefined);
      assert.equal(await cluster.connection.workloads.remove({ namespace, name: 'gone' }, 'another-uid'), 0);
      assert.ok((await cluster.connection.workloads.remove({ namespace, name: 'gone' }, uid)) >= 3);
      await removeAll('gone', uid);
      assert.equal(await find('gone'), undefined);
      assert.equal(await cluster.read(service('gone', uid)), undefined);
      assert.equal((await find('stays'))?.ownerUid, other);
      assert.ok(await cluster.read(service('stays', other)));
    });

    it('are told invalid with the field, not tried for ever', async () => {
      const { metadata } = await createRecord(cluster, workspace('invalid'));
      const broken = statefulSet('invalid', metadata.uid);
      const unknown = { ...broken, spec: { replica: 1 } };
      await assert.rejects(cluster.connection.workloads.apply([applied(unknown)]), {
        code: 'Invalid',
        message: /replica/,
      });
    });

    it('need their namespace', async () => {
      const lost = service('lost', 'uid');
      const elsewhere = { ...lost, metadata: { ...lost.metadata, namespace: 'nowhere' } };
      assert.equal(
        await codeOf(cluster.connection.workloads.apply([applied(elsewhere)])),
        'NamespaceNotFound',
      );
    });

    it('read one key of a ConfigMap', async () => {
      const data = { 'inference_config.yaml': 'vllm: {}' };
      await cluster.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        plural: 'configmaps',
        metadata: { name: 'config', namespace },
        data,
      });
      const { workloads } = cluster.connection;
      assert.equal(
        await workloads.readConfig({ namespace, name: 'config' }, 'inference_config.yaml'),
        'vllm: {}',
      );
      assert.equal(await workloads.readConfig({ namespace, name: 'config' }, 'other.yaml'), undefined);
      assert.equal(await workloads.readConfig({ namespace, name: 'config' }, 'toString'), undefined);
      assert.equal(
        await workloads.readConfig({ namespace, name: 'none' }, 'inference_config.yaml'),
        undefined,
      );
    });

    it('read one key of a Secret, decoded', async () => {
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Secret',
        plural: 'secrets',
        metadata: { name: 'hub', namespace },
        data: { HF_TOKEN: Buffer.from('hf_naïve').toString('base64') },
      });
      const { workloads } = cluster.connection;
      assert.equal(await workloads.readSecret({ namespace, name: 'hub' }, 'HF_TOKEN'), 'hf_naïve');
      assert.equal(await workloads.readSecret({ namespace, name: 'hub' }, 'toString'), undefined);
      assert.equal(await workloads.readSecret({ namespace, name: 'none' }, 'HF_TOKEN'), undefined);
    });

    it('know whether a StorageClass is there', async () => {
      const storageClass = {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        plural: 'storageclasses',
        metadata: { name: 'local-nvme' },
        provisioner: 'localdisk.csi.acstor.io',
      };
      assert.equal(await cluster.connection.workloads.storageClassExists('local-nvme'), false);
      await cluster.create(storageClass);
      assert.equal(await cluster.connection.workloads.storageClassExists('local-nvme'), true);
    });

    it('read the end of a container’s log, its lines and bytes limited', async () => {
      const pod = { namespace, name: 'talker' };
      const { workloads } = cluster.connection;
      const read = (lines: number, bytes: number): Promise<string | undefined> =>
        workloads.readLog({ pod, container: 'main', lines, bytes });
      assert.equal(await read(500, 10_000), undefined, 'no such pod');
      await cluster.addGpuNode('logpool');
      const containers = [{ name: 'main', image: 'example/talker:1' }];
      const tolerations = [{ operator: 'Exists' }];
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Pod',
        plural: 'pods',
        metadata: pod,
        spec: { containers, tolerations, restartPolicy: 'Never' },
      });
      assert.equal(await codeOf(read(500, 10_000)), 'Invalid', 'no container yet');
      let whole: string | undefined;
      await cluster.until('the pod has ended', async () => {
        whole = await read(500, 10_000).catch(() => undefined);
        return whole?.includes('exited') ?? false;
      });
      const last = whole?.trimEnd().split('\n').at(-1);
      assert.notEqual(whole, `${last}\n`, 'there is more than one line');
      assert.equal(await read(1, 10_000), `${last}\n`);
      assert.equal(await read(1, 7), last?.slice(0, 7));
      const other = workloads.readLog({ pod, container: 'none', lines: 1, bytes: 10 });
      assert.equal(await codeOf(other), 'Invalid', 'no such container');
    });

    it('see a node come up: first not there, then Ready, then with its GPU', async () => {
      const findNode = async () =>
        (await cluster.connection.workloads.nodes()).find(({ labels }) => labels['agentpool'] === 'gpupool');
      assert.equal(await findNode(), undefined);
      await cluster.addGpuNode('gpupool');
      await cluster.until('ready', async () => (await findNode())?.ready === true);
      await cluster.until('a GPU', async () => (await findNode())?.gpus === 1);
      assert.equal((await findNode())?.deleting, false);
    });
  });
}

function specOf(object: Record<string, unknown> | undefined): unknown {
  return object?.['spec'];
}
