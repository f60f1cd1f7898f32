import { gpuSizes } from './gpu-size-table.ts';
import { suggest } from '../workspace/schema/suggest.ts';

/** An Azure VM size with GPUs. */
export interface GpuSize {
  name: string;
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
  /** Azure no longer starts new ones. */
  retired?: true;
  /** In KAITO 0.12's own table. */
  inKaito?: true;
}

const sizeByName = new Map(gpuSizes.map((size) => [size.name.toLowerCase(), size]));

/** Looks a size up in any case. */
export function findGpuSize(name: string): GpuSize | undefined {
  return sizeByName.get(name.toLowerCase());
}

export function nearestGpuSize(name: string): string | undefined {
  return suggest(
    name,
    gpuSizes.map((size) => size.name),
  );
}

/** KAITO admits Azure sizes it does not know when they look like GPU or general compute sizes. Source: reference, R5. */
export function looksLikeAzureSize(name: string): boolean {
  return /^standard_[nd]/i.test(name);
}
