import type { Clock } from '../clock/clock.ts';
import type { Timings } from '../cluster/timings.ts';
import type { AzureState } from './azure-state.ts';

/** Which running operation blocks another in the same cluster: Azure's own rule is not certain, so both can be had. */
export type OperationLock = 'pool' | 'cluster';

/** How one simulated cluster behaves. */
export interface ClusterSetting {
  name: string;
  /** Region, default `eastus`. */
  location?: string;
  /** Power state of a cluster that is made now; a known one keeps its own. */
  powerState?: 'Running' | 'Stopped';
  operationLock?: OperationLock;
  /**
   * `Auto`: Karpenter runs (AKS node auto-provisioning) and knows static capacity. `NodeClaims`: a controller of Karpenter's core API
   * without static capacity, as gpu-provisioner is. Default `Manual`: neither.
   */
  nodeProvisioning?: 'Manual' | 'Auto' | 'NodeClaims';
}

/** What every part of the ARM simulator works on. */
export interface AzureContext {
  clock: Clock;
  state: AzureState;
  timings: Timings;
  subscriptionId: string;
  resourceGroup: string;
  operationLock(cluster: string): OperationLock;
  /** Base URL of a cluster's Kubernetes API, and the CA (PEM) that vouches for it. */
  kubernetesUrl(cluster: string): string;
  certificateAuthority: string;
  /** Called after any change that clusters or due times depend on. */
  changed(): void;
}

/** Versions and images that the simulated region runs. */
export const platformVersions = {
  kubernetes: '1.34.1',
  nodeImage: 'AKSUbuntu-2204gen2containerd-202511.01.0',
  gpuNodeImage: 'AKSUbuntu-2204gen2gpucontainerd-202511.01.0',
} as const;
