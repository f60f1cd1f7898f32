/** Names by which functions, orchestrations and events know each other. */
export const Orchestrator = {
  workspace: 'workspaceLifecycle',
  cluster: 'clusterLifecycle',
} as const;

/** The one external event: look at the record again. It carries no orders. */
export const nudge = 'look';

/** Where every HTTP route and link begins. */
export const apiRoot = '/api';
