import type { GpuSize } from './gpu-size.ts';

/*
 * Azure GPU sizes. Where each figure comes from stands in `sources`, by group:
 * - kaito: KAITO v0.12.0's SKU table (GPU model, count, memory, compute capability, NVMe);
 * - list: a public catalogue of Azure list prices of 2024 (vCPUs, quota family, price: US dollars an hour, Linux, East US, or East US 2
 *   where East US lacks the size);
 * - unverified: the best we know, compared with no source. Family names are compared without case, and Azure's SKU API has the last word.
 * `nvlink` is unverified throughout: neither source has it. Prices are good for ordering sizes and nothing else.
 */
const list = { gpus: 'kaito', vcpus: 'list', family: 'list', price: 'list' } as const;
/** KAITO's facts and the list's, but a family name from neither. */
const familyUnverified = { ...list, family: 'unverified' } as const;
/** Not one of KAITO's sizes, and the list has it. */
const listOnly = { ...list, gpus: 'list' } as const;
const unverified = {
  gpus: 'unverified',
  vcpus: 'unverified',
  family: 'unverified',
  price: 'unverified',
} as const;

const a10 = {
  gpuModel: 'NVIDIA A10',
  computeCapability: 8.6,
  nvme: false,
  nvlink: false,
  quotaFamily: 'StandardNVADSA10v5Family',
} as const;
const a100 = { gpuModel: 'NVIDIA A100', computeCapability: 8.0 } as const;
const ncA100 = { ...a100, nvme: true, quotaFamily: 'StandardNCADSA100v4Family' } as const;
/** Eight A100 of 40 GiB. */
const ndA100 = {
  ...a100,
  gpuCount: 8,
  totalMemoryGiB: 320,
  nvme: false,
  nvlink: true,
  vcpus: 96,
  quotaFamily: 'Standard NDASv4_A100 Family',
  hourlyPrice: 27.197,
} as const;
const h100 = { gpuModel: 'NVIDIA H100', computeCapability: 9.0 } as const;
const ncH100 = { ...h100, nvme: true, quotaFamily: 'StandardNCadsH100v5Family' } as const;
const ndH100 = {
  ...h100,
  gpuCount: 8,
  totalMemoryGiB: 640,
  nvme: true,
  nvlink: true,
  vcpus: 96,
  quotaFamily: 'standardNDSH100v5Family',
  hourlyPrice: 98.32,
} as const;
const v620 = {
  gpuModel: 'AMD Radeon PRO V620',
  gpuCount: 1,
  totalMemoryGiB: 32,
  nvme: false,
  nvlink: false,
  vcpus: 32,
  quotaFamily: 'standardNGADSV620v1Family',
  hourlyPrice: 3.63,
} as const;
const v100 = {
  gpuModel: 'NVIDIA V100',
  computeCapability: 7.0,
  nvme: false,
  nvlink: false,
  quotaFamily: 'standardNCSv3Family',
  sources: unverified,
  retired: true,
} as const;
const t4 = {
  gpuModel: 'NVIDIA T4',
  computeCapability: 7.5,
  nvme: false,
  nvlink: false,
  quotaFamily: 'Standard NCASv3_T4 Family',
  sources: listOnly,
} as const;
const mi300x = {
  gpuModel: 'AMD Instinct MI300X',
  gpuCount: 8,
  totalMemoryGiB: 1536,
  nvme: true,
  nvlink: true,
  vcpus: 96,
  quotaFamily: 'standardNDISv5MI300XFamily',
  hourlyPrice: 48,
  sources: unverified,
} as const;

export const gpuSizes: readonly GpuSize[] = [
  {
    ...a10,
    name: 'Standard_NV36ads_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 24,
    vcpus: 36,
    hourlyPrice: 3.2,
    sources: list,
    inKaito: true,
  },
  {
    ...a10,
    name: 'Standard_NV72ads_A10_v5',
    gpuCount: 2,
    totalMemoryGiB: 48,
    vcpus: 72,
    hourlyPrice: 6.52,
    sources: list,
    inKaito: true,
  },
  {
    ...ncA100,
    name: 'Standard_NC24ads_A100_v4',
    gpuCount: 1,
    totalMemoryGiB: 80,
    nvlink: false,
    vcpus: 24,
    hourlyPrice: 3.673,
    sources: list,
    inKaito: true,
  },
  {
    ...ncA100,
    name: 'Standard_NC48ads_A100_v4',
    gpuCount: 2,
    totalMemoryGiB: 160,
    nvlink: true,
    vcpus: 48,
    hourlyPrice: 7.346,
    sources: list,
    inKaito: true,
  },
  {
    ...ncA100,
    name: 'Standard_NC96ads_A100_v4',
    gpuCount: 4,
    totalMemoryGiB: 320,
    nvlink: true,
    vcpus: 96,
    hourlyPrice: 14.692,
    sources: list,
    inKaito: true,
  },
  // KAITO's spelling; Azure's own follows.
  {
    ...ndA100,
    name: 'Standard_ND96asr_A100_v4',
    azureName: 'Standard_ND96asr_v4',
    sources: familyUnverified,
    inKaito: true,
  },
  { ...ndA100, name: 'Standard_ND96asr_v4', sources: familyUnverified },
  {
    ...a100,
    name: 'Standard_ND96amsr_A100_v4',
    gpuCount: 8,
    totalMemoryGiB: 640,
    nvme: true,
    nvlink: true,
    vcpus: 96,
    quotaFamily: 'Standard NDAMSv4_A100Family',
    hourlyPrice: 32.77,
    sources: familyUnverified,
    inKaito: true,
  },
  {
    ...ncH100,
    name: 'Standard_NC40ads_H100_v5',
    gpuCount: 1,
    totalMemoryGiB: 94,
    nvlink: false,
    vcpus: 40,
    hourlyPrice: 6.98,
    sources: list,
    inKaito: true,
  },
  {
    ...ncH100,
    name: 'Standard_NC80adis_H100_v5',
    gpuCount: 2,
    totalMemoryGiB: 188,
    nvlink: true,
    vcpus: 80,
    hourlyPrice: 13.96,
    sources: list,
    inKaito: true,
  },
  { ...ndH100, name: 'Standard_ND96isr_H100_v5', sources: familyUnverified, inKaito: true },
  {
    ...h100,
    name: 'Standard_NCC40ads_H100_v5',
    gpuCount: 1,
    totalMemoryGiB: 94,
    nvme: false,
    nvlink: false,
    vcpus: 40,
    quotaFamily: 'Standard NCCads2023 Family',
    hourlyPrice: 6.98,
    sources: list,
    inKaito: true,
  },
  {
    name: 'Standard_ND96isr_H200_v5',
    gpuModel: 'NVIDIA H200',
    gpuCount: 8,
    totalMemoryGiB: 1128,
    nvme: true,
    computeCapability: 9.0,
    nvlink: true,
    vcpus: 96,
    quotaFamily: 'standardNDISRH200V5Family',
    hourlyPrice: 85,
    sources: { ...list, family: 'unverified', price: 'unverified' },
    inKaito: true,
  },
  { ...v620, name: 'Standard_NG32ads_V620_v1', sources: familyUnverified, inKaito: true },
  // More main memory than its sibling, at a price that the list does not have.
  { ...v620, name: 'Standard_NG32adms_V620_v1', sources: { ...unverified, gpus: 'kaito' }, inKaito: true },
  // Retired by Azure in 2025.
  { ...v100, name: 'Standard_NC6s_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 6, hourlyPrice: 3.06 },
  { ...v100, name: 'Standard_NC12s_v3', gpuCount: 2, totalMemoryGiB: 32, vcpus: 12, hourlyPrice: 6.12 },
  { ...v100, name: 'Standard_NC24s_v3', gpuCount: 4, totalMemoryGiB: 64, vcpus: 24, hourlyPrice: 12.24 },
  { ...v100, name: 'Standard_NC24rs_v3', gpuCount: 4, totalMemoryGiB: 64, vcpus: 24, hourlyPrice: 13.464 },
  { ...t4, name: 'Standard_NC4as_T4_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 4, hourlyPrice: 0.526 },
  { ...t4, name: 'Standard_NC8as_T4_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 8, hourlyPrice: 0.752 },
  { ...t4, name: 'Standard_NC16as_T4_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 16, hourlyPrice: 1.204 },
  { ...t4, name: 'Standard_NC64as_T4_v3', gpuCount: 4, totalMemoryGiB: 64, vcpus: 64, hourlyPrice: 4.352 },
  // A sixth, a third and a half of an A10.
  {
    ...a10,
    name: 'Standard_NV6ads_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 4,
    vcpus: 6,
    hourlyPrice: 0.454,
    sources: { ...unverified, family: 'list' },
  },
  {
    ...a10,
    name: 'Standard_NV12ads_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 8,
    vcpus: 12,
    hourlyPrice: 0.908,
    sources: { ...unverified, family: 'list' },
  },
  {
    ...a10,
    name: 'Standard_NV18ads_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 12,
    vcpus: 18,
    hourlyPrice: 1.6,
    sources: { ...unverified, family: 'list' },
  },
  {
    ...a10,
    name: 'Standard_NV36adms_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 24,
    vcpus: 36,
    hourlyPrice: 4.52,
    sources: listOnly,
  },
  { ...ndH100, name: 'Standard_ND96is_H100_v5', sources: unverified },
  { ...mi300x, name: 'Standard_ND96is_MI300X_v5' },
  { ...mi300x, name: 'Standard_ND96isr_MI300X_v5' },
];
