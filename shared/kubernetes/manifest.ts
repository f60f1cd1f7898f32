/** An object to apply, as plain JSON: what is read of it; the rest is sent as it is. */
export interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMetadata;
}

/** What ownership is read from; every typed object's metadata has this shape. */
export interface ObjectMetadata {
  name?: string;
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  generation?: number;
  deletionTimestamp?: Date;
  ownerReferences?: { kind: string; uid: string }[];
}
