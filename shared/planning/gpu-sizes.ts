import type { GpuSize } from './gpu-size.ts';
import { gpuSizes } from './gpu-size-table.ts';
import { suggest } from '../workspace/schema/suggest.ts';

export type { GpuSize } from './gpu-size.ts';

const sizeByName = new Map(gpuSizes.map((size) => [size.name.toLowerCase(), size]));

/** Looks a size up in any case. */
export function findGpuSize(name: string): GpuSize | undefined {
  return sizeByName.get(name.toLowerCase());
}

export function nearestGpuSize(name: string): string | undefined {
  return suggest(
    name,
    gpuSizes.filter((size) => size.retired !== true).map((size) => size.name),
  );
}

/** KAITO admits Azure sizes it does not know when they look like GPU or general compute sizes. Source: reference, R5. */
export function looksLikeAzureSize(name: string): boolean {
  return /^standard_[nd]/i.test(name);
}
