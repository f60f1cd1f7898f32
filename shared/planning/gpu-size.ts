/** Where figures of `gpu-size-table.ts` come from. All are copies of public material, read in 2026; Azure's own SKU API has the last word. */
export const factSources = {
  kaito: "KAITO v0.12.0's table of Azure sizes",
  azureDocs:
    "Microsoft's documentation of the series: learn.microsoft.com/azure/virtual-machines/sizes/gpu-accelerated",
  skuNames:
    "names read from Azure's SKU API: the VM families of the OpenShift installer's documentation, the tests of SkyPilot's catalogue (2026), the sizes of AKS AgentBaker",
  priceList:
    "SkyPilot's catalogue v6, azure/vms.csv: Azure's list prices in East US, or in East US 2 where East US lacks the size",
  priceSnapshot:
    "karpenter-provider-azure, zz_generated.pricing.go: Azure's list prices of 2023-12-18 in East US",
  quoted: 'quoted as list price by a public cost comparison of 2026; no list was found',
  oneGpu: 'a size with one GPU has nothing to link',
  unverified: 'our best knowledge; none of the above has it',
} as const;
export type FactSource = keyof typeof factSources;

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
  sources: Readonly<Record<'gpus' | 'nvlink' | 'vcpus' | 'family' | 'price', FactSource>>;
  /** Azure no longer starts new ones. */
  retired?: true;
  /** In KAITO 0.12's own table. */
  inKaito?: true;
}
