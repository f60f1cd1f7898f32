import { loadYaml } from '@kubernetes/client-node';
import type {
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node';

/** The NVIDIA device plugin, as its published manifest has it in essentials. */
export function devicePlugin(): V1DaemonSet {
  return loadYaml(`
    apiVersion: apps/v1
    kind: DaemonSet
    metadata: { name: nvidia-device-plugin-daemonset, namespace: kube-system }
    spec:
      selector: { matchLabels: { name: nvidia-device-plugin-ds } }
      template:
        metadata: { labels: { name: nvidia-device-plugin-ds } }
        spec:
          nodeSelector: { accelerator: nvidia }
          tolerations:
            - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }
            - { key: sku, operator: Equal, value: gpu, effect: NoSchedule }
          containers:
            - { name: nvidia-device-plugin-ctr, image: 'nvcr.io/nvidia/k8s-device-plugin:v0.17.0' }
  `);
}

/** An inference workload in the shape KAITO gives it; `failureThreshold` periods of 10 s are what its start may take. */
export function inference(name: string, { replicas = 1, failureThreshold = 180 } = {}): V1StatefulSet {
  return loadYaml(`
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: { name: ${name}, namespace: default }
    spec:
      serviceName: ${name}-headless
      replicas: ${replicas}
      podManagementPolicy: Parallel
      selector: { matchLabels: { kaito.sh/workspace: ${name} } }
      template:
        metadata: { labels: { kaito.sh/workspace: ${name} } }
        spec:
          tolerations:
            - { key: sku, operator: Equal, value: gpu, effect: NoSchedule }
          containers:
            - name: ${name}
              image: mcr.microsoft.com/aks/kaito/kaito-base:0.5.0
              command:
                - /bin/sh
                - -c
                - python3 /workspace/vllm/inference_api.py --model=microsoft/phi-3-mini-4k-instruct --served-model-name=phi-3-mini-4k-instruct
              ports: [{ name: http, containerPort: 5000 }]
              resources: { requests: { nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: 1 } }
              startupProbe:
                exec: { command: [python3, /workspace/vllm/benchmark_entrypoint.py] }
                periodSeconds: 10
                timeoutSeconds: 600
                failureThreshold: ${failureThreshold}
              readinessProbe: { httpGet: { path: /health, port: 5000 }, initialDelaySeconds: 30, periodSeconds: 10 }
  `);
}

/** Its service: picks the leader, and publishes it before it is ready. */
export function serviceOf(name: string): V1Service {
  return loadYaml(`
    apiVersion: v1
    kind: Service
    metadata: { name: ${name}, namespace: default }
    spec:
      selector: { kaito.sh/workspace: ${name}, statefulset.kubernetes.io/pod-name: ${name}-0 }
      ports: [{ name: http, port: 80, targetPort: 5000, protocol: TCP }]
      publishNotReadyAddresses: true
  `);
}

/** Small pods that need no GPU; `image` tells one revision from another. */
export function deployment(name: string, { replicas = 3, image = 'nginx:1', env = '[]' } = {}): V1Deployment {
  return loadYaml(`
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: ${name}, namespace: default }
    spec:
      replicas: ${replicas}
      selector: { matchLabels: { app: ${name} } }
      template:
        metadata: { labels: { app: ${name} } }
        spec: { containers: [{ name: web, image: '${image}', env: ${env} }] }
  `);
}

/** A plain StatefulSet with a claim for each pod. */
export function ordered(name: string, { replicas = 3, image = 'redis:1' } = {}): V1StatefulSet {
  return loadYaml(`
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: { name: ${name}, namespace: default }
    spec:
      serviceName: ${name}
      replicas: ${replicas}
      persistentVolumeClaimRetentionPolicy: { whenDeleted: Delete, whenScaled: Retain }
      selector: { matchLabels: { app: ${name} } }
      template:
        metadata: { labels: { app: ${name} } }
        spec: { containers: [{ name: store, image: '${image}'}] }
      volumeClaimTemplates:
        - metadata: { name: data }
          spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Gi } } }
  `);
}

export function job(name: string): V1Job {
  return loadYaml(`
    apiVersion: batch/v1
    kind: Job
    metadata: { name: ${name}, namespace: default }
    spec:
      backoffLimit: 1
      ttlSecondsAfterFinished: 600
      template:
        spec: { restartPolicy: Never, containers: [{ name: work, image: 'busybox:1' }] }
  `);
}

/** A Secret with a token for model downloads. */
export function secret(name: string): V1Secret {
  return loadYaml(`
    apiVersion: v1
    kind: Secret
    metadata: { name: ${name}, namespace: default }
    stringData: { HF_TOKEN: not-a-real-token }
  `);
}
