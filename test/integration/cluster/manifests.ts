import type { V1DaemonSet, V1Service, V1StatefulSet } from '@kubernetes/client-node';

/** The NVIDIA device plugin, as its published manifest has it in essentials. */
export const devicePlugin: V1DaemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'nvidia-device-plugin-daemonset', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { name: 'nvidia-device-plugin-ds' } },
    template: {
      metadata: { labels: { name: 'nvidia-device-plugin-ds' } },
      spec: {
        nodeSelector: { accelerator: 'nvidia' },
        tolerations: [
          { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
          { key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' },
        ],
        containers: [{ name: 'nvidia-device-plugin-ctr', image: 'nvcr.io/nvidia/k8s-device-plugin:v0.17.0' }],
      },
    },
  },
};

/** An inference workload in the shape KAITO gives it. */
export function inference(name: string, { replicas = 1, benchmark = true, gpus = 1 } = {}): V1StatefulSet {
  const serve =
    'python3 /workspace/vllm/inference_api.py --model=microsoft/phi-3-mini-4k-instruct --served-model-name=phi-3-mini-4k-instruct --tensor-parallel-size=1';
  const startup = benchmark ? ['python3', '/workspace/vllm/benchmark_entrypoint.py'] : undefined;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'default' },
    spec: {
      serviceName: `${name}-headless`,
      replicas,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { 'kaito.sh/workspace': name } },
      template: {
        metadata: { labels: { 'kaito.sh/workspace': name } },
        spec: {
          tolerations: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
          containers: [
            {
              name,
              image: 'mcr.microsoft.com/aks/kaito/kaito-base:0.5.0',
              command: ['/bin/sh', '-c', serve],
              ports: [{ name: 'http', containerPort: 5000 }],
              resources: {
                limits: { 'nvidia.com/gpu': String(gpus) },
                requests: { 'nvidia.com/gpu': String(gpus) },
              },
              ...(startup && {
                startupProbe: {
                  exec: { command: startup },
                  periodSeconds: 10,
                  timeoutSeconds: 600,
                  failureThreshold: 180,
                },
              }),
              readinessProbe: {
                httpGet: { path: '/health', port: 5000 },
                initialDelaySeconds: 30,
                periodSeconds: 10,
              },
            },
          ],
        },
      },
    },
  };
}

export function serviceOf(name: string): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { 'kaito.sh/workspace': name, 'statefulset.kubernetes.io/pod-name': `${name}-0` },
      ports: [{ name: 'http', port: 80, targetPort: 5000, protocol: 'TCP' }],
      publishNotReadyAddresses: true,
    },
  };
}
