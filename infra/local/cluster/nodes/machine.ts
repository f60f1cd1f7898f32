/** A virtual machine of an agent pool, as its kubelet registers it. */
export interface Machine {
  name: string;
  pool: string;
  /** Agent pool of its node's labels, where that is another name. */
  agentPool?: string;
  mode: string;
  spot: boolean;
  vmSize: string;
  region: string;
  zone: string | undefined;
  providerId: string;
  address: string;
  nodeResourceGroup: string;
  nodeImage: string;
  kubernetesVersion: string;
  /** Labels and `key=value:effect` taints of the pool. */
  labels: Record<string, string>;
  taints: string[];
  maxPods: number;
  vCPUs: number;
  memoryGiB: number;
  osDiskGiB: number;
  /** GPUs the driver finds; 0 without a driver. */
  gpus: number;
  gpuProduct: string | undefined;
  /** Memory of one GPU in MiB. */
  gpuMiB: number;
  /** When its Node appears and when that turns Ready (virtual epoch ms). */
  joinAt: number;
  readyAt: number;
  joined: boolean;
  /** Since when it is drained to be removed. */
  leavingSince: number | undefined;
}

/** The machines behind a cluster's nodes, as its cloud knows them. */
export interface MachineSource {
  get(name: string): Machine | undefined;
  names(): string[];
  /** The kubelet has registered its Node. */
  markJoined(name: string): void;
  /** The machine is gone for good (host failure, spot eviction). */
  markLost(name: string): void;
}
