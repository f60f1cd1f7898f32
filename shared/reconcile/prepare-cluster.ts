import { renderDevicePlugin } from '../manifests/device-plugin.ts';
import { tombstoneSeconds } from '../events/redelivery.ts';
import { after } from '../lifecycle/timing.ts';
import type { Services } from './services.ts';

export interface Preparation {
  identity: string;
  condition: 'running' | 'replaced';
  /** Everything the cluster needs is there. */
  ready: boolean;
}

/**
 * Makes a cluster fit for workspaces: our namespace and the CRD, our Lease, the NVIDIA device plugin (AKS installs none). `identity`
 * is what the cluster was before; another kube-system uid means that it was deleted and made again.
 */
export async function prepareCluster(
  services: Services,
  input: { cluster: string; now: string; identity: string | null },
): Promise<Preparation> {
  const { connection } = await services.cluster(input.cluster);
  const identity = await connection.system.identity();
  if (input.identity !== null && input.identity !== identity)
    return { identity, condition: 'replaced', ready: false };
  const { established } = await connection.system.install();
  await connection.system.holdOwnership(services.owner, input.now);
  await connection.system.ensureDevicePlugin(renderDevicePlugin());
  await connection.system.forgetTombstones(after(input.now, -tombstoneSeconds));
  return { identity, condition: 'running', ready: established };
}
