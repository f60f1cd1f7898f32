/** Names that the cluster adapters write and look for. */
export const fieldManager = 'slipway';
/** The observer's own field manager: what it writes never looks like the lifecycle's. */
export const observerFieldManager = 'slipway-cluster';
/** Namespace of our own objects: Lease and tombstones. */
export const systemNamespace = 'slipway-system';

export const managedByLabel = 'app.kubernetes.io/managed-by';
export const managedBy = 'slipway';
/** Selector of everything that Slipway makes. */
export const ours = `${managedByLabel}=${managedBy}`;
/** On pods and volume claims of a workspace; its value is the workspace's name. Source: KAITO's labels. */
export const workspaceLabel = 'kaito.sh/workspace';
export const workloadRevisionAnnotation = 'slipway.dev/workload-revision';

/** The Workspace custom resource, in the version that is stored. */
export const workspaceApiVersion = 'kaito.sh/v1beta1';
export const workspacePlural = 'workspaces';
export const workspaceKind = 'Workspace';
