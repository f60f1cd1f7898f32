/** metav1.Condition. */
const condition = {
  type: 'object',
  required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  properties: {
    lastTransitionTime: { type: 'string', format: 'date-time' },
    message: { type: 'string', maxLength: 32768 },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    type: {
      type: 'string',
      maxLength: 316,
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    },
  },
} as const;

const metric = {
  type: 'object',
  required: ['description', 'value'],
  properties: {
    description: { type: 'string' },
    value: { type: 'string' },
    unit: { type: 'string' },
    config: { type: 'object', additionalProperties: { type: 'string' } },
  },
} as const;

/** KAITO's status fields. Source: reference, a.1. */
export const statusSchema = {
  type: 'object',
  description: 'What is observed; written by Slipway.',
  properties: {
    workerNodes: { type: 'array', items: { type: 'string' }, description: 'Names of the nodes, sorted.' },
    state: { type: 'string', description: 'Pending, Ready, NotReady, Running, Succeeded or Failed.' },
    conditions: { type: 'array', items: condition },
    targetNodeCount: { type: 'integer', format: 'int32', description: 'Nodes that the workload needs.' },
    performance: {
      type: 'object',
      properties: { metrics: { type: 'object', additionalProperties: metric } },
    },
  },
} as const;
