import type { FromSchema } from './schema/structural-schema.ts';
import type {
  inferenceSchema,
  presetSchema,
  resourceSchema,
  tuningSchema,
} from './schema/workspace-schema.ts';
import type { statusSchema } from './schema/status-schema.ts';
import type { adapterSource, tuningOutput } from './schema/data-schema.ts';

export const group = 'kaito.sh';
export const kind = 'Workspace';
export const plural = 'workspaces';
export const versions = ['v1alpha1', 'v1beta1'] as const;
export const storageVersion = 'v1beta1';
/** KAITO's finalizer; Slipway neither sets nor removes it. */
export const kaitoFinalizer = 'workspace.finalizer.kaito.sh';
export const slipwayFinalizer = 'slipway.dev/finalizer';
export const defaultNamespace = 'default';

export type Version = (typeof versions)[number];
export type ApiVersion = `kaito.sh/${Version}`;

export type Resource = FromSchema<typeof resourceSchema>;
export type Inference = FromSchema<typeof inferenceSchema>;
export type Tuning = FromSchema<typeof tuningSchema>;
export type Preset = FromSchema<typeof presetSchema>;
export type DataSource = FromSchema<typeof adapterSource>;
export type DataDestination = FromSchema<typeof tuningOutput>;
export type Adapter = NonNullable<Inference['adapters']>[number];
export type Partition = NonNullable<Resource['partition']>;

/** KAITO's status fields (both versions). Slipway's own go under `slipway`, typed by whoever writes them. */
export type WorkspaceStatus<Own = unknown> = FromSchema<typeof statusSchema> & { slipway?: Own };

/** metav1.Condition. */
export type Condition = NonNullable<WorkspaceStatus['conditions']>[number];

export interface WorkspaceMetadata {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
}

/**
 * A Workspace in its one internal form, whichever API version it came in: v1beta1's fields, defaults applied.
 * `apiVersion` remembers the version of the document, which it keeps when written back.
 */
export interface Workspace {
  apiVersion: ApiVersion;
  kind: typeof kind;
  metadata: WorkspaceMetadata;
  resource: Resource;
  inference?: Inference;
  tuning?: Tuning;
}

export function versionOf(workspace: Workspace): Version {
  return workspace.apiVersion === 'kaito.sh/v1alpha1' ? 'v1alpha1' : 'v1beta1';
}

/** The preset of either kind of workload, or undefined for a custom pod template. */
export function presetOf(workspace: Workspace): Preset | undefined {
  return workspace.inference?.preset ?? workspace.tuning?.preset;
}
