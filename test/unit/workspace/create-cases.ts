import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import type { document } from '../planning/workspaces.ts';

export type Draft = NonNullable<Parameters<typeof document>[0]>;
export type Case = readonly [
  rule: string,
  draft: Draft,
  field: string,
  reason: string,
  message: RegExp,
  context?: Partial<AdmissionContext>,
];

export const preset = { name: 'phi-4' };
export const adapter = (name: string, rest: object = {}) => ({
  source: { name, image: 'ghcr.io/me/a:1' },
  ...rest,
});
export const adapters = (...list: object[]): Draft => ({ inference: { preset, adapters: list } });
export const source = (given: object): Draft => adapters({ source: given });
export const tune = (rest: object): Draft => ({
  tuning: {
    preset,
    method: 'lora',
    input: { urls: ['https://data.example/x'] },
    output: { image: 'ghcr.io/me/o:1', imagePushSecret: 's' },
    ...rest,
  },
});
export const gates = { mig: true, accelerator: true };
export const byo: Partial<AdmissionContext> = { provisioning: 'byo', gates };
export const partition = (given: object, rest: Draft = {}): Draft => ({
  instanceType: '',
  partition: given,
  ...rest,
});
export const gpuNode = (name: string, count: string, memory: string, product = 'A100') => ({
  name,
  labels: {
    apps: 'my-model',
    'nvidia.com/gpu.product': product,
    'nvidia.com/gpu.count': count,
    'nvidia.com/gpu.memory': memory,
  },
});
export const nodes = (...list: ReturnType<typeof gpuNode>[]): Partial<AdmissionContext> => ({
  ...byo,
  nodes: list,
});
export const onBrought = (preset = 'phi-4'): Draft => ({ instanceType: '', preset });

export const resourceCases: readonly Case[] = [
  [
    'C1 neither purpose',
    { inference: { preset: undefined }, preset: 'x' },
    'inference',
    'Required',
    /Preset or Template/,
  ],
  ['C4 no instance type', { instanceType: '' }, 'resource.instanceType', 'Required', /required/],
  ['C3 instance type with brought nodes', {}, 'resource.instanceType', 'Forbidden', /must be empty/, byo],
  [
    'C5 image family',
    { annotations: { 'kaito.sh/node-image-family': 'windows' } },
    'metadata.annotations[kaito.sh/node-image-family]',
    'NotSupported',
    /unsupported node image family/,
  ],
  [
    'C5 empty image family',
    { annotations: { 'kaito.sh/node-image-family': '' } },
    'metadata.annotations[kaito.sh/node-image-family]',
    'NotSupported',
    /unsupported/,
  ],
  [
    'C6 performance mode',
    { annotations: { 'kaito.sh/performance-mode': 'fast' } },
    'metadata.annotations[kaito.sh/performance-mode]',
    'NotSupported',
    /is not a valid performance mode/,
  ],
  [
    'C7 local weights',
    { annotations: { 'kaito.sh/use-local-weights': 'True' } },
    'metadata.annotations[kaito.sh/use-local-weights]',
    'NotSupported',
    /must be "true" or "false"/,
  ],
  [
    'R0 deprecated preset',
    { preset: 'phi-2' },
    'inference.preset.name',
    'NotSupported',
    /deprecated and no longer supported/,
  ],
  [
    'R2 reserved labels alone',
    { matchLabels: { 'kaito.sh/workspace': 'a' } },
    'resource.labelSelector.matchLabels',
    'Invalid',
    /at least one non-reserved label/,
  ],
  [
    'an impossible node label',
    { matchLabels: { apps: 'a b' } },
    'resource.labelSelector.matchLabels[apps]',
    'Invalid',
    /not a label value/,
  ],
  [
    'R3 partition of added nodes',
    { partition: { mode: 'mig', profile: '1g.5gb' } },
    'resource.partition',
    'Forbidden',
    /BYO nodes/,
  ],
  [
    'R5 unknown size',
    { instanceType: 'p4d.24xlarge' },
    'resource.instanceType',
    'NotSupported',
    /Unsupported instance type "p4d.24xlarge"/,
  ],
  [
    'R6 MIG gate',
    partition({ mode: 'mig', profile: '7g.80gb' }),
    'resource.partition',
    'Forbidden',
    /MIG support is not enabled/,
    { provisioning: 'byo' },
  ],
  [
    'R7 MIG with count',
    partition({ mode: 'mig', profile: '7g.80gb', count: 1 }),
    'resource.partition.count',
    'Forbidden',
    /only valid for accelerator mode/,
    byo,
  ],
  [
    'R8 ill-formed profile',
    partition({ mode: 'mig', profile: '1g' }),
    'resource.partition.profile',
    'Invalid',
    /invalid MIG profile "1g"/,
    byo,
  ],
  [
    'R8 zero slices',
    partition({ mode: 'mig', profile: '0g.10gb' }),
    'resource.partition.profile',
    'Invalid',
    /invalid MIG profile/,
    byo,
  ],
  [
    'R8 unknown profile',
    partition({ mode: 'mig', profile: '9g.10gb' }),
    'resource.partition.profile',
    'NotSupported',
    /unknown MIG profile/,
    byo,
  ],
  [
    'R9 slice too small',
    partition({ mode: 'mig', profile: '1g.10gb' }),
    'resource.partition',
    'Invalid',
    /27.31Gi exceeds the 1g.10gb MIG slice capacity 10Gi/,
    byo,
  ],
  [
    'R10 accelerator gate',
    partition({ mode: 'accelerator', count: 1 }),
    'resource.partition',
    'Forbidden',
    /accelerator support is not enabled/,
    { provisioning: 'byo' },
  ],
  [
    'R11 accelerator with profile',
    partition({ mode: 'accelerator', count: 1, profile: '1g.5gb' }),
    'resource.partition.profile',
    'Forbidden',
    /not valid for accelerator mode/,
    byo,
  ],
  [
    'R12 accelerator without count',
    partition({ mode: 'accelerator' }),
    'resource.partition.count',
    'Required',
    /count is required/,
    byo,
  ],
  [
    'R13 other mode',
    partition({ mode: 'mps' }),
    'resource.partition.mode',
    'NotSupported',
    /"mps" is not one of mig, accelerator/,
    byo,
  ],
  [
    'R14 no nodes',
    onBrought(),
    'resource.labelSelector',
    'NotFound',
    /No nodes found for apps=my-model/,
    nodes(),
  ],
  [
    'R14 no nodes for a model of the Hub',
    onBrought('someone/some-model'),
    'resource.labelSelector',
    'NotFound',
    /No nodes found/,
    nodes(),
  ],
  [
    'R15 node without GPU labels',
    onBrought(),
    'resource.labelSelector',
    'Invalid',
    /node n1: missing required nvidia.com labels/,
    { ...byo, nodes: [{ name: 'n1', labels: { apps: 'my-model' } }] },
  ],
  [
    'R15 bad GPU count',
    onBrought(),
    'resource.labelSelector',
    'Invalid',
    /invalid nvidia.com\/gpu.count value/,
    nodes(gpuNode('n1', 'two', '81920')),
  ],
  [
    'R16 other product',
    onBrought(),
    'resource.labelSelector',
    'Invalid',
    /Non-uniform GPU product/,
    nodes(gpuNode('a', '1', '81920'), gpuNode('b', '1', '81920', 'H100')),
  ],
  [
    'R16 other count',
    onBrought(),
    'resource.labelSelector',
    'Invalid',
    /Non-uniform GPU count/,
    nodes(gpuNode('a', '1', '81920'), gpuNode('b', '2', '81920')),
  ],
  [
    'R16 other memory',
    onBrought(),
    'resource.labelSelector',
    'Invalid',
    /Non-uniform GPU memory/,
    nodes(gpuNode('a', '1', '81920'), gpuNode('b', '1', '40960')),
  ],
  [
    'R17 brought nodes too small',
    onBrought('llama-3.3-70b-instruct'),
    'resource.instanceType',
    'Invalid',
    /Insufficient total GPU memory: A100 has 80Gi.*requires at least 131.42Gi/,
    nodes(gpuNode('a', '1', '81920')),
  ],
  [
    'R17 transformers',
    { instanceType: 'Standard_NV36ads_A10_v5', annotations: { 'kaito.sh/runtime': 'transformers' } },
    'resource.instanceType',
    'Invalid',
    /Insufficient total GPU memory.*27.31Gi/,
  ],
  [
    'R17 v1alpha1',
    { version: 'v1alpha1', preset: 'llama-3.3-70b-instruct' },
    'resource.instanceType',
    'Invalid',
    /Insufficient total GPU memory/,
  ],
  [
    'R18 transformers over nodes',
    {
      instanceType: 'Standard_NV36ads_A10_v5',
      count: 2,
      annotations: { 'kaito.sh/runtime': 'transformers' },
    },
    'resource.instanceType',
    'NotSupported',
    /not supported with Huggingface Transformers/,
  ],
];
