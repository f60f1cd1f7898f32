/** Tags on every pool of ours; what the orphan sweep and the bill reader use. */
export const PoolTag = {
  workspace: 'slipway-workspace',
  uid: 'slipway-workspace-uid',
  generation: 'slipway-generation',
  owner: 'slipway-owner',
  /** ISO 8601: when the workspace expires, as it was when the pool was made. Absent without a limit. */
  expires: 'slipway-expires',
} as const;

/** Whether Slipway made what carries these tags: all that it puts on every pool. */
export function areOurs(tags: Readonly<Record<string, string>>): boolean {
  return [PoolTag.workspace, PoolTag.uid, PoolTag.owner].every((name) => (tags[name] ?? '') !== '');
}
