/** How to reach one cluster's API: fetched when first needed, fetched again when the server says 401. */
export interface ClusterAccess {
  load(): Promise<AccessDocument>;
}

export interface AccessDocument {
  /** A kubeconfig, YAML or JSON. */
  kubeconfig: string;
  /** Folder that relative paths in it start from. */
  directory?: string;
  /**
   * Gives the bearer token for a user that brings no credential of its own; asked before every request (the source caches).
   */
  token?: () => Promise<string>;
}
