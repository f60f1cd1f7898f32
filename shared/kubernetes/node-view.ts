import type { NodeTaint, NodeView } from './cluster.ts';
import type { ObjectMetadata } from './manifest.ts';

/** What is read of a Node. */
export interface NodeFacts {
  metadata?: ObjectMetadata;
  spec?: { taints?: NodeTaint[] };
  status?: {
    allocatable?: Record<string, string>;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** Whole GPUs, or MIG slices of them. */
const gpuResource = /^nvidia\.com\/(?:gpu$|mig-)/;
/** Conditions that say that a resource runs short. Source: KAITO's status (reference, f.8). */
const pressures: ReadonlySet<string> = new Set(['DiskPressure', 'MemoryPressure', 'PIDPressure']);

export function toNodeView({ metadata, spec, status }: NodeFacts): NodeView {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  const ready = condition?.status === 'True';
  const gpus = Object.entries(status?.allocatable ?? {})
    .filter(([resource]) => gpuResource.test(resource))
    .reduce((sum, [, amount]) => sum + Number(amount), 0);
  const pressure = (status?.conditions ?? [])
    .filter((one) => pressures.has(one.type) && one.status === 'True')
    .map(({ type }) => type)
    .sort();
  const taints = (spec?.taints ?? []).map(({ key, value, effect }) => ({
    key,
    effect,
    ...(value === undefined ? {} : { value }),
  }));
  const reason = ready ? undefined : [condition?.reason, condition?.message].filter(Boolean).join(': ');
  return {
    name: metadata?.name ?? '',
    labels: { ...metadata?.labels },
    ready,
    deleting: metadata?.deletionTimestamp !== undefined,
    gpus: Number.isFinite(gpus) ? gpus : 0,
    ...(reason === undefined || reason === '' ? {} : { reason }),
    ...(taints.length === 0 ? {} : { taints }),
    ...(pressure.length === 0 ? {} : { pressure }),
  };
}
