import type { V1ConfigMap, V1Job, V1Service, V1StatefulSet } from './kubernetes-models.ts';

/** An object to apply to the cluster, with `apiVersion` and `kind` set. */
export type RenderedObject = V1Service | V1StatefulSet | V1Job | V1ConfigMap;

export interface RenderOptions {
  /** uid of the Workspace in the cluster, for owner references. */
  ownerUid: string;
  /** The cluster has the StorageClass `kaito-local-nvme-disk`. */
  localNvmeStorageClass: boolean;
  /** Written to the workload as `workspace.kaito.io/revision`; a change of it rolls the workload out. */
  revision?: string;
}

/** Annotation by which a workload tells which revision of the Workspace it was made from. Source: reference, a.3 and g.1. */
export const revisionAnnotation = 'workspace.kaito.io/revision';

export function revisionAnnotations(options: RenderOptions): { annotations?: Record<string, string> } {
  return options.revision === undefined ? {} : { annotations: { [revisionAnnotation]: options.revision } };
}
