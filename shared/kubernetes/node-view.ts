import type { NodeView } from './cluster.ts';
import type { ObjectMetadata } from './manifest.ts';

/** What is read of a Node. */
export interface NodeFacts {
  metadata?: ObjectMetadata;
  status?: {
    allocatable?: Record<string, string>;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

const gpuResource = 'nvidia.com/gpu';

export function toNodeView({ metadata, status }: NodeFacts): NodeView {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  const ready = condition?.status === 'True';
  const gpus = Number(status?.allocatable?.[gpuResource] ?? 0);
  const reason = ready ? undefined : [condition?.reason, condition?.message].filter(Boolean).join(': ');
  return {
    name: metadata?.name ?? '',
    labels: { ...metadata?.labels },
    ready,
    deleting: metadata?.deletionTimestamp !== undefined,
    gpus: Number.isFinite(gpus) ? gpus : 0,
    ...(reason === undefined || reason === '' ? {} : { reason }),
  };
}
