/** What Karpenter asks its cloud for: one machine of a size, somewhere, on some terms. */
export interface LaunchRequest {
  /** NodePool, or the claim itself where there is none: what fault rules call the pool. */
  pool: string;
  instanceType: string;
  /** Zones allowed (`1`); none: regional. */
  zones: string[];
  spot: boolean;
}

export type LaunchAnswer =
  | { outcome: 'made'; afterSeconds: number; zone: string | undefined }
  /** `reason` and `message` of the condition Launched, in the words of karpenter-provider-azure. */
  | { outcome: 'failed'; afterSeconds: number; reason: string; message: string }
  /** No answer ever comes. */
  | { outcome: 'stuck' };

export interface MachineSize {
  name: string;
  vCPUs: number;
  memoryGiB: number;
  gpus: number;
  gpuProduct: string | undefined;
  gpuMiB: number;
}

/** The cloud behind the simulated Karpenter. */
export interface KarpenterCloud {
  region: string;
  nodeResourceGroup: string;
  subscriptionId: string;
  nodeImage(gpus: number): string;
  kubernetesVersion: string;
  size(name: string): MachineSize | undefined;
  /** Begins one launch; faults and quotas decide. Each call counts as one attempt. */
  launch(request: LaunchRequest): LaunchAnswer;
}
