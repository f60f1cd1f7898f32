import { serverSideApply } from './apply.ts';
import type { PluginFacts } from './gpu-problem.ts';
import { managedBy, managedByLabel } from './labels.ts';
import type { Manifest, ObjectMetadata } from './manifest.ts';
import type { Session } from './session.ts';

/** Images of NVIDIA's device plugin, from NVIDIA, Microsoft or a mirror; AMD's and Intel's have the same last name. */
const pluginImage = /nvidia.*\/(?:k8s-)?device-plugin(?:[:@]|$)/;

/** What is read of a DaemonSet. */
export interface DaemonSetFacts {
  metadata?: ObjectMetadata;
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    template: { spec?: PluginPod };
  };
}

interface PluginPod {
  containers: { image?: string }[];
  nodeSelector?: Record<string, string>;
  tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[];
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: {
        nodeSelectorTerms: { matchExpressions?: { key: string; operator: string; values?: string[] }[] }[];
      };
    };
  };
}

/** One LIST, then an apply unless somebody else's plugin serves the nodes: two would fight over the same GPUs. */
export async function ensureDevicePlugin(session: Session, manifest: Manifest): Promise<'existing' | 'ours'> {
  const list = await session.call('list DaemonSets', ({ apps }) => apps.listDaemonSetForAllNamespaces());
  if (list.items.some((set) => !isOurs(set) && isDevicePlugin(set))) return 'existing';
  await serverSideApply(session, manifest);
  return 'ours';
}

/** Every device plugin of the cluster with its pods: one LIST, and one for each of the few that there are. */
export async function listDevicePlugins(session: Session): Promise<PluginFacts[]> {
  const list = await session.call('list DaemonSets', ({ apps }) => apps.listDaemonSetForAllNamespaces());
  return Promise.all(
    list.items.filter(isDevicePlugin).map(async (set) => {
      const labels = Object.entries(set.spec?.selector.matchLabels ?? {});
      const pods = await session.call('list pods of the device plugin', ({ core }) =>
        core.listNamespacedPod({
          namespace: set.metadata?.namespace ?? '',
          labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
        }),
      );
      return { set, pods: pods.items };
    }),
  );
}

/** Told by image, or by the name that every install guide uses. */
export function isDevicePlugin({ metadata, spec }: DaemonSetFacts): boolean {
  const images = spec?.template.spec?.containers.map(({ image }) => image ?? '') ?? [];
  return (
    images.some((image) => pluginImage.test(image)) || /nvidia.*device-plugin/.test(metadata?.name ?? '')
  );
}

function isOurs({ metadata }: DaemonSetFacts): boolean {
  return metadata?.labels?.[managedByLabel] === managedBy;
}
