import type { GpuSize } from './gpu-size.ts';

/*
 * Azure GPU sizes. Where each figure comes from stands in `sources`; what the words mean, in `factSources`. Prices are US dollars an hour
 * for Linux, good for ordering sizes and nothing else. Compute capabilities that KAITO's table lacks (V100 7.0, T4 7.5) are NVIDIA's:
 * https://developer.nvidia.com/cuda-gpus.
 */
const kaito = {
  gpus: 'kaito',
  nvlink: 'oneGpu',
  vcpus: 'azureDocs',
  family: 'skuNames',
  price: 'priceList',
} as const;
/** Not one of KAITO's sizes. */
const documented = { ...kaito, gpus: 'azureDocs' } as const;

const a10 = {
  gpuModel: 'NVIDIA A10',
  computeCapability: 8.6,
  nvme: false,
  nvlink: false,
  quotaFamily: 'StandardNVADSA10v5Family',
} as const;
/** A sixth, a third or a half of an A10. */
const a10Share = {
  ...a10,
  gpuCount: 1,
  sources: { ...documented, price: 'priceSnapshot' },
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
  sources: { ...kaito, nvlink: 'azureDocs' },
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
/** Retired on 2025-09-30. Source: Microsoft's page of the series. */
const v100 = {
  gpuModel: 'NVIDIA V100',
  computeCapability: 7.0,
  nvme: false,
  nvlink: false,
  quotaFamily: 'standardNCSv3Family',
  sources: { ...documented, nvlink: 'unverified' },
  retired: true,
} as const;
const t4 = {
  gpuModel: 'NVIDIA T4',
  computeCapability: 7.5,
  nvme: false,
  nvlink: false,
  quotaFamily: 'Standard NCASv3_T4 Family',
  sources: documented,
} as const;
/** Microsoft's page gives 192 GB for each GPU, and 1535 for the eight. The link is AMD's Infinity Fabric. */
const mi300x = {
  gpuModel: 'AMD Instinct MI300X',
  gpuCount: 8,
  totalMemoryGiB: 1536,
  nvme: true,
  nvlink: true,
  vcpus: 96,
  quotaFamily: 'standardNDISv5MI300XFamily',
  hourlyPrice: 48,
} as const;

export const gpuSizes: readonly GpuSize[] = [
  {
    ...a10,
    name: 'Standard_NV36ads_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 24,
    vcpus: 36,
    hourlyPrice: 3.2,
    sources: kaito,
    inKaito: true,
  },
  {
    ...a10,
    name: 'Standard_NV72ads_A10_v5',
    gpuCount: 2,
    totalMemoryGiB: 48,
    vcpus: 72,
    hourlyPrice: 6.52,
    sources: { ...kaito, nvlink: 'unverified' },
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
    sources: kaito,
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
    sources: { ...kaito, nvlink: 'azureDocs' },
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
    sources: { ...kaito, nvlink: 'azureDocs' },
    inKaito: true,
  },
  // KAITO's spelling; Azure's own follows.
  { ...ndA100, name: 'Standard_ND96asr_A100_v4', azureName: 'Standard_ND96asr_v4', inKaito: true },
  { ...ndA100, name: 'Standard_ND96asr_v4' },
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
    sources: { ...kaito, nvlink: 'azureDocs' },
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
    sources: kaito,
    inKaito: true,
  },
  // Two H100 NVL, which NVIDIA sells to be bridged; Microsoft's page does not say whether they are.
  {
    ...ncH100,
    name: 'Standard_NC80adis_H100_v5',
    gpuCount: 2,
    totalMemoryGiB: 188,
    nvlink: true,
    vcpus: 80,
    hourlyPrice: 13.96,
    sources: { ...kaito, nvlink: 'unverified' },
    inKaito: true,
  },
  {
    ...ndH100,
    name: 'Standard_ND96isr_H100_v5',
    hourlyPrice: 98.32,
    sources: { ...kaito, nvlink: 'azureDocs' },
    inKaito: true,
  },
  // A confidential VM.
  {
    ...h100,
    name: 'Standard_NCC40ads_H100_v5',
    gpuCount: 1,
    totalMemoryGiB: 94,
    nvme: false,
    nvlink: false,
    vcpus: 40,
    quotaFamily: 'StandardNCCads2023Family',
    hourlyPrice: 6.98,
    sources: kaito,
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
    hourlyPrice: 84.8,
    sources: { ...kaito, nvlink: 'azureDocs', price: 'quoted' },
    inKaito: true,
  },
  { ...v620, name: 'Standard_NG32ads_V620_v1', sources: kaito, inKaito: true },
  // More main memory than its sibling; both price lists have the size without a price.
  {
    ...v620,
    name: 'Standard_NG32adms_V620_v1',
    sources: { ...kaito, price: 'unverified' },
    inKaito: true,
  },
  {
    ...v100,
    name: 'Standard_NC6s_v3',
    gpuCount: 1,
    totalMemoryGiB: 16,
    vcpus: 6,
    hourlyPrice: 3.06,
    sources: documented,
  },
  { ...v100, name: 'Standard_NC12s_v3', gpuCount: 2, totalMemoryGiB: 32, vcpus: 12, hourlyPrice: 6.12 },
  { ...v100, name: 'Standard_NC24s_v3', gpuCount: 4, totalMemoryGiB: 64, vcpus: 24, hourlyPrice: 12.24 },
  { ...v100, name: 'Standard_NC24rs_v3', gpuCount: 4, totalMemoryGiB: 64, vcpus: 24, hourlyPrice: 13.46 },
  { ...t4, name: 'Standard_NC4as_T4_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 4, hourlyPrice: 0.526 },
  { ...t4, name: 'Standard_NC8as_T4_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 8, hourlyPrice: 0.752 },
  { ...t4, name: 'Standard_NC16as_T4_v3', gpuCount: 1, totalMemoryGiB: 16, vcpus: 16, hourlyPrice: 1.204 },
  {
    ...t4,
    name: 'Standard_NC64as_T4_v3',
    gpuCount: 4,
    totalMemoryGiB: 64,
    vcpus: 64,
    hourlyPrice: 4.352,
    sources: { ...documented, nvlink: 'unverified' },
  },
  { ...a10Share, name: 'Standard_NV6ads_A10_v5', totalMemoryGiB: 4, vcpus: 6, hourlyPrice: 0.454 },
  { ...a10Share, name: 'Standard_NV12ads_A10_v5', totalMemoryGiB: 8, vcpus: 12, hourlyPrice: 0.908 },
  { ...a10Share, name: 'Standard_NV18ads_A10_v5', totalMemoryGiB: 12, vcpus: 18, hourlyPrice: 1.6 },
  {
    ...a10,
    name: 'Standard_NV36adms_A10_v5',
    gpuCount: 1,
    totalMemoryGiB: 24,
    vcpus: 36,
    hourlyPrice: 4.52,
    sources: documented,
  },
  // Without InfiniBand. Microsoft documents the size among its isolated ones, GPUs and vCPUs for Azure Machine Learning.
  {
    ...ndH100,
    name: 'Standard_ND96is_H100_v5',
    hourlyPrice: 88.488,
    sources: { ...documented, nvlink: 'unverified', price: 'priceSnapshot' },
  },
  {
    ...mi300x,
    name: 'Standard_ND96isr_MI300X_v5',
    sources: { ...documented, nvlink: 'azureDocs', price: 'quoted' },
  },
  // Without InfiniBand. Its GPUs and family are among the SKU names; vCPUs, link and price are taken to be its sibling's.
  {
    ...mi300x,
    name: 'Standard_ND96is_MI300X_v5',
    sources: {
      gpus: 'skuNames',
      nvlink: 'unverified',
      vcpus: 'unverified',
      family: 'skuNames',
      price: 'unverified',
    },
  },
];
