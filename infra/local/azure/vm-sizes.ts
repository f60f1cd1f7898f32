import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const vmSizeSchema = z.strictObject({
  name: z.string(),
  /** Quota family, as in `usages[].name.value`. */
  family: z.string(),
  vCPUs: z.number().int().positive(),
  memoryGiB: z.number().positive(),
  gpus: z.number().int().nonnegative(),
  /** Product name as NVIDIA's feature discovery labels it. */
  gpu: z.string().optional(),
  /** Memory of one GPU in MiB. */
  gpuMiB: z.number().int().optional(),
  /** Temporary disk in GiB. */
  diskGiB: z.number().nonnegative(),
  /** Linux, on demand, US dollars; absent: the price list does not have the size. */
  hourlyPrice: z.number().positive().optional(),
  zones: z.array(z.string()),
  /** Azure no longer sells it: refused at create, absent from the SKU list. */
  retired: z.boolean().optional(),
});

/** One VM size of the simulated region. */
export type VmSize = z.infer<typeof vmSizeSchema>;

const text = readFileSync(new URL('./vm-sizes.yaml', import.meta.url), 'utf8');

/** Every size the simulator knows, in the order of vm-sizes.yaml. */
export const vmSizes: readonly VmSize[] = z.array(vmSizeSchema).parse(parse(text));

const byName = new Map(vmSizes.map((size) => [size.name.toLowerCase(), size]));

/** The size named `name` (ARM compares case-insensitively), or undefined. */
export function findVmSize(name: string): VmSize | undefined {
  return byName.get(name.toLowerCase());
}
