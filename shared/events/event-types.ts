/** The queues, the CloudEvents that travel on them, and their data. */
import type { WorkspaceKey } from '../lifecycle/workspace-key.ts';

export const Queue = {
  workspaceCreated: 'workspace-created',
  workspaceDeleted: 'workspace-deleted',
  nodeProvisioned: 'node-provisioned',
  workloadReady: 'workload-ready',
  workspaceRejected: 'workspace-rejected',
} as const;
export type Queue = (typeof Queue)[keyof typeof Queue];

export const EventType = {
  workspaceCreated: 'dev.slipway.workspace.created',
  workspaceDeleted: 'dev.slipway.workspace.deleted',
  nodeProvisioned: 'dev.slipway.node.provisioned',
  workloadReady: 'dev.slipway.workload.ready',
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** Points at one record: a nudge to look, never an order. */
export interface RecordReference extends WorkspaceKey {
  uid: string;
}

/** What a message asks for, once decoded. */
export type Request =
  /** A Workspace document to write into the record. */
  | {
      kind: 'document';
      document: unknown;
      cluster: string | undefined;
      /** Where the document lies in the message, for fault paths: empty, or ending in a dot. */
      path: string;
    }
  /** Look at this record. */
  | { kind: 'reference'; reference: RecordReference }
  /** Delete this workspace, whatever its uid. */
  | { kind: 'delete'; namespace: string; name: string; cluster: string | undefined }
  /** Azure changed this resource (Event Grid). */
  | { kind: 'azure-resource'; resourceId: string };
