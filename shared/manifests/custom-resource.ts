import type { V1ObjectMeta } from './kubernetes-models.ts';
import type { Inference, Resource, Tuning, Workspace } from '../workspace/workspace.ts';

/** A Workspace as the cluster stores it, without status. */
export interface WorkspaceResource {
  apiVersion: string;
  kind: string;
  metadata: V1ObjectMeta & { name: string; namespace: string };
  resource: Resource;
  inference?: Inference;
  tuning?: Tuning;
}

/** The object to write to the cluster: intent only, in the API version that it came in. Fields the server fills in are left out. */
export function toCustomResource(workspace: Workspace): WorkspaceResource {
  const { name, namespace, labels, annotations, uid, resourceVersion, finalizers } = workspace.metadata;
  const metadata: WorkspaceResource['metadata'] = { name, namespace };
  if (Object.keys(labels).length > 0) metadata.labels = labels;
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  if (uid !== undefined) metadata.uid = uid;
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
  if (finalizers !== undefined) metadata.finalizers = finalizers;
  const resource: WorkspaceResource = {
    apiVersion: workspace.apiVersion,
    kind: workspace.kind,
    metadata,
    resource: workspace.resource,
  };
  if (workspace.inference !== undefined) resource.inference = workspace.inference;
  if (workspace.tuning !== undefined) resource.tuning = workspace.tuning;
  return resource;
}
