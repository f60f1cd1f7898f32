import { adapterSource, tuningInput, tuningOutput } from './data-schema.ts';

/** What goes to `matchLabels` and `matchExpressions`: metav1.LabelSelector. */
export const labelSelectorSchema = {
  type: 'object',
  description:
    'Labels of the nodes that run the workload; nodes made for this Workspace get the matchLabels.',
  'x-kubernetes-map-type': 'atomic',
  properties: {
    matchExpressions: {
      type: 'array',
      description: 'Only the operator In with a single value can be used.',
      'x-kubernetes-list-type': 'atomic',
      items: {
        type: 'object',
        required: ['key', 'operator'],
        properties: {
          key: { type: 'string' },
          operator: { type: 'string' },
          values: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: { type: 'string' } },
        },
      },
    },
    matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
  },
} as const;

const count = {
  type: 'integer',
  default: 1,
  description: 'Number of nodes; vLLM presets are sized by the estimator instead.',
} as const;
const preferredNodes = { type: 'array', items: { type: 'string' }, description: 'Deprecated.' } as const;

export const resourceSchema = {
  type: 'object',
  description: 'The GPU nodes that the workload needs.',
  required: ['labelSelector'],
  properties: {
    count,
    instanceType: { type: 'string', description: 'Azure VM size of the GPU nodes.' },
    labelSelector: labelSelectorSchema,
    preferredNodes,
    partition: {
      type: 'object',
      description: 'A part of the GPUs of existing nodes (bring your own nodes only).',
      required: ['mode'],
      properties: {
        mode: { type: 'string', enum: ['mig', 'accelerator'] },
        profile: { type: 'string', description: 'MIG profile such as 1g.10gb (mode mig).' },
        count: {
          type: 'integer',
          format: 'int32',
          minimum: 1,
          description: 'Whole GPUs (mode accelerator).',
        },
      },
    },
  },
} as const;

/** v1alpha1 knew no partition and defaulted the instance type. Source: reference, a.2. */
export const resourceSchemaV1alpha1 = {
  ...resourceSchema,
  properties: {
    count,
    instanceType: {
      type: 'string',
      default: 'Standard_NC24ads_A100_v4',
      description: 'Azure VM size of the GPU nodes.',
    },
    labelSelector: labelSelectorSchema,
    preferredNodes,
  },
} as const;

const presetImage = { type: 'string', description: 'Deprecated: image of a private preset.' } as const;
const presetSecrets = { type: 'array', items: { type: 'string' }, description: 'Deprecated.' } as const;
const modelAccessSecret = {
  type: 'string',
  description: 'Secret in the namespace of the Workspace with key HF_TOKEN, for gated models.',
} as const;
const accessMode = {
  type: 'string',
  enum: ['public', 'private'],
  default: 'public',
  description: 'Deprecated.',
} as const;
const presetName = {
  type: 'string',
  description: 'Preset name, or a Hugging Face model id (org/model).',
} as const;

export const presetSchema = {
  type: 'object',
  description: 'A model with known facts.',
  required: ['name'],
  properties: {
    name: presetName,
    accessMode,
    presetOptions: {
      type: 'object',
      properties: { image: presetImage, imagePullSecrets: presetSecrets, modelAccessSecret },
    },
  },
} as const;

const presetSchemaV1alpha1 = {
  ...presetSchema,
  properties: {
    name: presetName,
    accessMode,
    presetOptions: {
      type: 'object',
      properties: { image: presetImage, imagePullSecrets: presetSecrets },
    },
  },
} as const;

const inferenceFields = {
  template: {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    description: 'Pod template of a custom workload; exclusive with preset.',
  },
  config: { type: 'string', description: 'ConfigMap with key inference_config.yaml.' },
  adapters: {
    type: 'array',
    description: 'LoRA adapters served beside the model, at most 10.',
    items: {
      type: 'object',
      properties: {
        source: adapterSource,
        strength: { type: 'string', description: 'Decimal from 0 to 1; transformers runtime only.' },
      },
    },
  },
} as const;

export const inferenceSchema = {
  type: 'object',
  description: 'Serve a model.',
  properties: { preset: presetSchema, ...inferenceFields },
} as const;

const tuningFields = {
  method: { type: 'string', description: 'lora or qlora.' },
  config: { type: 'string', description: 'ConfigMap with key training_config.yaml.' },
  input: tuningInput,
  output: tuningOutput,
} as const;

export const tuningSchema = {
  type: 'object',
  description: 'Fine-tune a model.',
  required: ['input', 'output'],
  properties: { preset: presetSchema, ...tuningFields },
} as const;

/** The three sections of a Workspace, by API version. */
export const sectionSchemas = {
  v1beta1: { resource: resourceSchema, inference: inferenceSchema, tuning: tuningSchema },
  v1alpha1: {
    resource: resourceSchemaV1alpha1,
    inference: { ...inferenceSchema, properties: { preset: presetSchemaV1alpha1, ...inferenceFields } },
    tuning: { ...tuningSchema, properties: { preset: presetSchemaV1alpha1, ...tuningFields } },
  },
} as const;
