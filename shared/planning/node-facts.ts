/** A node of the cluster as far as planning looks at it. */
export interface NodeFacts {
  name: string;
  labels: Readonly<Record<string, string>>;
  ready?: boolean;
  /** It has a deletion time: it still counts as a node, but nothing is planned for it. */
  deleting?: boolean;
}

/** The GPUs of one machine. */
export interface GpuFacts {
  gpuCount: number;
  totalMemoryGiB: number;
  gpuModel: string;
  computeCapability?: number;
  /** The GPU is one MIG slice: more than one cannot work together. */
  migProfile?: string;
  /** The node's labels say that its GPUs are cut into MIG slices. */
  sliced?: boolean;
  nvme: boolean;
}

export type NodeGpus = { ok: true; gpus: GpuFacts } | { ok: false; message: string };

const mebibytesPerGibibyte = 1024;

/** GPUs of a node from the labels of NVIDIA's GPU feature discovery. Source: reference, d. */
export function gpusFromLabels(node: NodeFacts): NodeGpus {
  const product = node.labels['nvidia.com/gpu.product'];
  const count = node.labels['nvidia.com/gpu.count'];
  const memory = node.labels['nvidia.com/gpu.memory'];
  if (product === undefined || count === undefined || memory === undefined) {
    return { ok: false, message: 'missing required nvidia.com labels' };
  }
  if (!/^\d+$/.test(count)) return { ok: false, message: `invalid nvidia.com/gpu.count value "${count}"` };
  if (!/^\d+$/.test(memory)) return { ok: false, message: `invalid nvidia.com/gpu.memory value "${memory}"` };
  const gpuCount = Number(count);
  const gibibytes = Math.floor(Number(memory) / mebibytesPerGibibyte + 0.5);
  const gpus: GpuFacts = { gpuCount, totalMemoryGiB: gibibytes * gpuCount, gpuModel: product, nvme: false };
  const major = node.labels['nvidia.com/cuda.compute.major'] ?? '';
  const minor = node.labels['nvidia.com/cuda.compute.minor'] ?? '0';
  if (/^\d+$/.test(major) && /^\d+$/.test(minor)) gpus.computeCapability = Number(major) + Number(minor) / 10;
  const slicing = node.labels['nvidia.com/mig.config'] ?? '';
  const sliced = slicing !== '' && slicing !== 'all-disabled';
  if (sliced && node.labels['nvidia.com/mig.config.state'] === 'success') gpus.sliced = true;
  return { ok: true, gpus };
}

/** Nodes that carry every one of the labels; all nodes when there is none. */
export function matchingNodes(
  nodes: readonly NodeFacts[],
  labels: Readonly<Record<string, string>>,
): NodeFacts[] {
  return nodes.filter((node) => Object.entries(labels).every(([key, value]) => node.labels[key] === value));
}

/** MIG profiles of NVIDIA's GPUs. Source: reference, b.6. */
export const migProfiles: readonly string[] = (
  '1g.6gb 2g.12gb 4g.24gb 1g.5gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb 1g.10gb 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb ' +
  '1g.12gb 1g.24gb 2g.24gb 3g.47gb 4g.47gb 7g.94gb 3g.48gb 4g.48gb 7g.96gb 1g.18gb 1g.35gb 2g.35gb 3g.71gb 4g.71gb ' +
  '7g.141gb 1g.23gb 1g.45gb 2g.45gb 3g.90gb 4g.90gb 7g.180gb'
).split(' ');

/** Memory of a MIG slice in whole GiB: the number in the profile, rounded down. Undefined for an ill-formed profile. */
export function migMemoryGiB(profile: string): number | undefined {
  const match = /^(\d+)g\.([\d.]+)gb$/.exec(profile);
  const memory = Math.floor(Number(match?.[2]));
  return match === null || Number(match[1]) === 0 || !(memory > 0) ? undefined : memory;
}
