import type { V1ConfigMap, V1Job, V1Service, V1StatefulSet } from './kubernetes-models.ts';

/** An object to apply to the cluster, with `apiVersion` and `kind` set. */
export type RenderedObject = V1Service | V1StatefulSet | V1Job | V1ConfigMap;

export interface RenderOptions {
  /** uid of the Workspace in the cluster, for owner references. */
  ownerUid: string;
  /** The cluster has the StorageClass `kaito-local-nvme-disk`. */
  localNvmeStorageClass: boolean;
}
