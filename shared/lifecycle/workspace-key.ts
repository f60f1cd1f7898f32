import { createHash } from 'node:crypto';

/** Names one workspace across all clusters. */
export interface WorkspaceKey {
  cluster: string;
  namespace: string;
  name: string;
}

/** `cluster/namespace/name`, for people, logs and tags. */
export function formatKey(key: WorkspaceKey): string {
  return `${key.cluster}/${key.namespace}/${key.name}`;
}

/** Orchestration instance of one record. A recreated workspace has a new uid and so a new instance. */
export function workspaceInstanceId(key: WorkspaceKey, uid: string): string {
  return `ws-${sha256(`${formatKey(key)}#${uid}`).slice(0, 32)}`;
}

/** Orchestration instance that observes one cluster. */
export function clusterInstanceId(cluster: string): string {
  return `cluster-${cluster}`;
}

/** Service Bus session of one workspace; the key itself may exceed the 128 characters a session id may have. */
export function sessionId(key: WorkspaceKey): string {
  return sha256(formatKey(key)).slice(0, 32);
}

/**
 * Name of the agent pool that holds one allocation: `ws` and 10 hex digits, which is `^[a-z][a-z0-9]{0,11}$` as AKS
 * demands for Linux pools.
 */
export function poolName(uid: string, generation: number, rung: number): string {
  return `ws${sha256(`${uid}/${generation}/${rung}`).slice(0, 10)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
