import type { V1DaemonSet, V1NodeSelectorTerm } from './kubernetes-models.ts';
import { images } from '../../presets/catalogue.ts';
import { managedBySlipway } from './object-metadata.ts';
import { gpuTaint, spotToleration } from './scheduling.ts';

export const devicePluginName = 'nvidia-device-plugin-daemonset';
export const devicePluginNamespace = 'kube-system';
const app = { name: devicePluginName };
const socketFolder = '/var/lib/kubelet/device-plugins';

/**
 * The DaemonSet that tells the kubelet of NVIDIA GPUs; AKS installs none of its own. One for the cluster, owned by no Workspace.
 * https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
export function renderDevicePlugin(): V1DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: devicePluginName,
      namespace: devicePluginNamespace,
      labels: { ...app, ...managedBySlipway },
    },
    spec: {
      selector: { matchLabels: app },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels: { ...app, ...managedBySlipway } },
        spec: {
          priorityClassName: 'system-node-critical',
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: gpuNodes } },
          },
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
            { key: gpuTaint.key, operator: 'Equal', value: gpuTaint.value, effect: gpuTaint.effect },
            spotToleration,
          ],
          containers: [
            {
              name: 'nvidia-device-plugin-ctr',
              image: images.devicePlugin,
              env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'device-plugin', mountPath: socketFolder }],
            },
          ],
          volumes: [{ name: 'device-plugin', hostPath: { path: socketFolder } }],
        },
      },
    },
  };
}

/** AKS labels its GPU nodes with the second key; Slipway its own with the first. */
const gpuNodes: V1NodeSelectorTerm[] = ['accelerator', 'kubernetes.azure.com/accelerator'].map((key) => ({
  matchExpressions: [{ key, operator: 'In', values: ['nvidia'] }],
}));
