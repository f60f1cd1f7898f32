import type { PlanContext } from '../../../shared/planning/plan.ts';
import type { document } from '../planning/workspaces.ts';

/** A Workspace whose manifests are kept as golden YAML: KAITO's worked examples, and Slipway's five first presets. */
export interface ManifestCase {
  golden: string;
  draft: NonNullable<Parameters<typeof document>[0]>;
  context?: PlanContext;
  localNvmeStorageClass?: boolean;
}

const withToken = (name: string) => ({ preset: { name, presetOptions: { modelAccessSecret: 'hf-token' } } });
const a100 = 'Standard_NC24ads_A100_v4';

export const manifestCases: readonly ManifestCase[] = [
  {
    golden: '01-phi-3-mini-128k-a10',
    draft: {
      name: 'workspace-phi-3-mini',
      preset: 'phi-3-mini-128k-instruct',
      instanceType: 'Standard_NV36ads_A10_v5',
    },
  },
  {
    golden: '02-phi-4-local-nvme',
    draft: { name: 'workspace-phi-4', instanceType: a100 },
    localNvmeStorageClass: true,
  },
  {
    golden: '03-llama-3.1-8b-token-and-config',
    draft: {
      name: 'workspace-llama',
      instanceType: a100,
      inference: { ...withToken('llama-3.1-8b-instruct'), config: 'llama-params' },
    },
    context: { inferenceConfig: 'vllm: {}' },
  },
  {
    golden: '04-llama-3.3-70b-tensor-parallel',
    draft: {
      name: 'workspace-llama-70b',
      instanceType: 'Standard_NC96ads_A100_v4',
      inference: withToken('llama-3.3-70b-instruct'),
    },
  },
  {
    golden: '05-llama-3.3-70b-two-nodes',
    draft: {
      name: 'llama-70b-dist',
      instanceType: 'Standard_NC48ads_A100_v4',
      inference: withToken('llama-3.3-70b-instruct'),
    },
  },
  {
    golden: '06-deepseek-r1-two-nodes',
    draft: {
      name: 'workspace-deepseek-r1',
      preset: 'deepseek-r1-0528',
      instanceType: 'Standard_ND96isr_H100_v5',
    },
  },
  {
    golden: '07-phi-3-mini-image-adapters',
    draft: {
      name: 'workspace-phi-3-adapters',
      inference: {
        preset: { name: 'phi-3-mini-128k-instruct' },
        adapters: ['adapter-a', 'adapter-b'].map((name) => ({
          source: { name, image: `registry.example/${name}:1` },
        })),
      },
    },
  },
  {
    golden: '08-phi-4-mini-brought-node',
    draft: {
      name: 'byo-phi-4-mini',
      preset: 'phi-4-mini-instruct',
      instanceType: '',
      annotations: { 'kaito.sh/performance-mode': 'throughput' },
    },
    context: {
      provisioning: 'byo',
      nodes: [
        {
          name: 'gpu-1',
          labels: {
            apps: 'byo-phi-4-mini',
            'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB',
            'nvidia.com/gpu.count': '1',
            'nvidia.com/gpu.memory': '81920',
          },
        },
      ],
    },
  },
  {
    golden: '09-mistral-7b-data-parallel',
    draft: {
      name: 'workspace-mistral',
      preset: 'mistral-7b-instruct',
      instanceType: 'Standard_NC48ads_A100_v4',
    },
  },
  {
    golden: '10-gpt-oss-120b-no-benchmark',
    draft: {
      name: 'workspace-gpt-oss',
      preset: 'gpt-oss-120b',
      instanceType: 'Standard_NC80adis_H100_v5',
      annotations: { 'kaito.sh/disable-benchmark': 'true' },
    },
  },
  {
    golden: '11-deepseek-v4-flash-cuda-toolkit',
    draft: {
      name: 'workspace-dsv4',
      preset: 'deepseek-ai/DeepSeek-V4-Flash-0731',
      instanceType: 'Standard_NC96ads_A100_v4',
    },
  },
  {
    golden: '12-inference-set-child',
    draft: {
      name: 'phi-set-x7k2p',
      preset: 'phi-4-mini-instruct',
      labels: { 'inferenceset.kaito.sh/created-by': 'phi-set' },
    },
  },
  {
    golden: '13-custom-pod-template',
    draft: {
      name: 'custom-llm',
      matchLabels: { apps: 'custom' },
      inference: {
        preset: undefined,
        template: {
          metadata: { labels: { tier: 'model' } },
          spec: {
            affinity: { podAffinity: {} },
            tolerations: [{ key: 'mine', operator: 'Exists' }],
            containers: [{ name: 'c', image: 'x/y:1', resources: { limits: { 'nvidia.com/gpu': 1 } } }],
          },
        },
      },
    },
  },
  {
    golden: '14-phi-4-transformers',
    draft: { name: 'tfs-phi-4', annotations: { 'kaito.sh/runtime': 'transformers' } },
  },
  {
    golden: 'quick-start-phi-3-mini-4k-v100',
    draft: {
      name: 'workspace-phi-3-mini',
      version: 'v1alpha1',
      preset: 'phi-3-mini-4k-instruct',
      instanceType: 'Standard_NC6s_v3',
      matchLabels: { apps: 'phi-3' },
    },
  },
  {
    golden: 'llama-3.3-70b-three-nodes',
    draft: { name: 'llama-70b', preset: 'llama-3.3-70b-instruct', instanceType: a100 },
  },
  {
    golden: 'volume-adapter-transformers-load-balancer',
    draft: {
      name: 'phi-adapters',
      annotations: { 'kaito.sh/runtime': 'transformers', 'kaito.sh/enablelb': 'True' },
      inference: {
        preset: { name: 'phi-3-mini-4k-instruct' },
        adapters: [
          {
            source: { name: 'kept', volumeSource: { persistentVolumeClaim: { claimName: 'adapters' } } },
            strength: '0.5',
          },
          { source: { name: 'pulled', image: 'ghcr.io/me/adapter', imagePullSecrets: ['ghcr'] } },
        ],
      },
    },
  },
  {
    golden: 'local-weights-mig-slice',
    draft: {
      name: 'mig-phi',
      preset: 'phi-4-mini-instruct',
      instanceType: '',
      partition: { mode: 'mig', profile: '3g.40gb' },
      annotations: { 'kaito.sh/use-local-weights': 'true' },
    },
    context: { provisioning: 'byo', nodes: [] },
  },
  {
    golden: 'two-nodes-decode-no-benchmark',
    draft: {
      name: 'llama-decode',
      preset: 'llama-3.3-70b-instruct',
      instanceType: 'Standard_NC48ads_A100_v4',
      labels: { 'kaito.sh/inference-role': 'decode' },
      annotations: { 'kaito.sh/disable-benchmark': 'true' },
    },
  },
  {
    golden: 'local-weights-cuda-toolkit',
    draft: {
      name: 'deepseek-local',
      preset: 'deepseek-ai/deepseek-v3.2',
      instanceType: 'Standard_ND96isr_H200_v5',
      annotations: { 'kaito.sh/use-local-weights': 'true', 'kaito.sh/performance-mode': 'interactivity' },
    },
    localNvmeStorageClass: true,
  },
  {
    golden: 'transformers-two-replicas-nvme-config',
    draft: {
      name: 'tfs-llama',
      count: 2,
      instanceType: a100,
      annotations: { 'kaito.sh/runtime': 'transformers' },
      inference: { ...withToken('llama-3.1-8b-instruct'), config: 'params' },
    },
    localNvmeStorageClass: true,
  },
  {
    golden: 'accelerator-partition',
    draft: {
      name: 'phi-part',
      preset: 'phi-4-mini-instruct',
      instanceType: '',
      matchLabels: {},
      partition: { mode: 'accelerator', count: 2 },
    },
    context: {
      provisioning: 'byo',
      nodes: [
        {
          name: 'gpu-1',
          labels: {
            'nvidia.com/gpu.product': 'NVIDIA-A10',
            'nvidia.com/gpu.count': '4',
            'nvidia.com/gpu.memory': '23028',
          },
        },
      ],
    },
  },
  {
    golden: 'decode-role',
    draft: {
      name: 'decoder',
      labels: { 'kaito.sh/inference-role': 'decode', 'multiroleinference.kaito.sh/created-by': 'pair' },
    },
  },
];
