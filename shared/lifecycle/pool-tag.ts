/** Tags on every pool of ours; what the orphan sweep and the bill reader use. */
export const PoolTag = {
  workspace: 'slipway-workspace',
  uid: 'slipway-workspace-uid',
  generation: 'slipway-generation',
  owner: 'slipway-owner',
} as const;
