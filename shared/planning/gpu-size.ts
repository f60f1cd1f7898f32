/** Where a figure comes from; what the words mean stands in `gpu-size-table.ts`. */
export type FactSource = 'kaito' | 'list' | 'unverified';

/** An Azure VM size with GPUs. */
export interface GpuSize {
  name: string;
  /** What ARM calls it, where KAITO spells it otherwise. */
  azureName?: string;
  gpuModel: string;
  gpuCount: number;
  /** Memory of all GPUs together, GiB. */
  totalMemoryGiB: number;
  /** Fast local disk usable for weights through the StorageClass `kaito-local-nvme-disk`. */
  nvme: boolean;
  /** CUDA compute capability; absent for AMD. */
  computeCapability?: number;
  /** GPUs of a node talk over NVLink (or XGMI) rather than PCIe. */
  nvlink: boolean;
  vcpus: number;
  /** Azure quota family that the vCPUs count against. */
  quotaFamily: string;
  /** Pay-as-you-go list price, US dollars an hour; only good for ordering sizes. */
  hourlyPrice: number;
  /** `gpus`: model, count, memory, capability, NVMe. */
  sources: Readonly<Record<'gpus' | 'vcpus' | 'family' | 'price', FactSource>>;
  /** Azure no longer starts new ones. */
  retired?: true;
  /** In KAITO 0.12's own table. */
  inKaito?: true;
}
