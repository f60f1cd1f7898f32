import type { KubernetesApi } from '../../../infra/local/kubernetes/server.ts';
import { accessByArm } from '../../../shared/azure/cluster-access.ts';
import { renderDevicePlugin } from '../../../shared/manifests/device-plugin.ts';
import { createNodeProvisioner } from '../../../shared/provisioning/create-node-provisioner.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import type { PoolRequest } from '../../../shared/provisioning/node-provisioner.ts';
import { PoolTag } from '../../../shared/provisioning/node-provisioner.ts';
import { connectCluster } from '../../../shared/kubernetes/connect-cluster.ts';
import { workspaceCustomResourceDefinition } from '../../../shared/manifests/workspace-crd.ts';
import type { ClusterUnderTest, Manifest } from './cluster-under-test.ts';
import { clusterConnectionContract } from './cluster-connection.contract.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

/** One GPU node, as the lifecycle asks for it. */
function gpuPool(name: string): PoolRequest {
  return {
    name,
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 1,
    diskGiB: 256,
    labels: { accelerator: 'nvidia' },
    userLabels: { apps: 'phi' },
    taints: ['sku=gpu:NoSchedule'],
    tags: { [PoolTag.workspace]: 'main/default/phi', [PoolTag.uid]: 'uid', [PoolTag.owner]: 'test' },
    osSku: 'Ubuntu',
    placement: regionalOnDemand,
  };
}

const definition = workspaceCustomResourceDefinition();

clusterConnectionContract('client-node against the simulator, access by ARM', async () => {
  const simulated = await startSimulatedAzure();
  const { client, clusterId, credential, cluster } = simulated;
  const access = accessByArm({ client, cluster: clusterId, credential });
  const connection = await connectCluster({ name: 'main', access, definition });
  const provisioner = createNodeProvisioner({ client, cluster: clusterId, connection });
  return {
    connection,
    ...administer(cluster.api),
    until: (what, condition) => simulated.until(what, condition),
    stop: () => simulated.stop(),
    async addGpuNode(pool) {
      await provisioner.create(gpuPool(pool));
      await connection.system.ensureDevicePlugin(renderDevicePlugin());
    },
  };
});

/** An administrator's hand: the simulator's store itself. */
function administer({
  store,
}: KubernetesApi): Pick<ClusterUnderTest, 'create' | 'setStatus' | 'remove' | 'read' | 'list'> {
  const typeOf = ({
    apiVersion,
    plural,
  }: Pick<Manifest, 'apiVersion' | 'plural'>): { group: string; version: string; plural: string } => {
    const [first = '', second] = apiVersion.split('/');
    return second === undefined
      ? { group: '', version: first, plural }
      : { group: first, version: second, plural };
  };
  const keyOf = ({ metadata: { name, namespace } }: Manifest): { name: string; namespace?: string } => ({
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
  return {
    create: ({ plural: _, ...manifest }) => Promise.resolve(store.create(manifest).metadata.uid),
    setStatus: (manifest, status) => {
      store.mutateStatus(typeOf(manifest), keyOf(manifest), (object) => (object['status'] = status));
      return Promise.resolve();
    },
    remove: (manifest) => {
      store.remove(typeOf(manifest), keyOf(manifest));
      return Promise.resolve();
    },
    list: (type) => Promise.resolve(store.list(typeOf(type))),
    read: (manifest) => Promise.resolve(store.get(typeOf(manifest), keyOf(manifest))),
  };
}
