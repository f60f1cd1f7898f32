import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import { userNodeLabels } from '../workspace/annotations.ts';
import type { Partition, Workspace } from '../workspace/workspace.ts';
import { findGpuSize, nearestGpuSize } from './gpu-sizes.ts';
import { gpusFromLabels, matchingNodes, migMemoryGiB, type GpuFacts } from './node-facts.ts';
import type { PlanContext } from './plan-shape.ts';

/** The GPUs that each node offers to the workload, and the instance type in Azure's spelling (empty for brought nodes). */
export type WorkloadGpus = { ok: true; gpus: GpuFacts; instanceType: string } | { ok: false; fault: Fault };

export function workloadGpus(workspace: Workspace, context: PlanContext): WorkloadGpus {
  return context.provisioning === 'byo'
    ? broughtGpus(workspace, context)
    : orderedGpus(workspace.resource.instanceType ?? '');
}

function orderedGpus(instanceType: string): WorkloadGpus {
  const size = findGpuSize(instanceType);
  if (size !== undefined) return { ok: true, gpus: size, instanceType: size.azureName ?? size.name };
  const nearest = nearestGpuSize(instanceType);
  const fault: Fault = {
    field: 'resource.instanceType',
    reason: CauseReason.NotSupported,
    message: `Unsupported SKU ${shown(instanceType)} for cloud provider azure: its GPUs are not known`,
  };
  if (nearest !== undefined) fault.remedy = `did you mean ${nearest}?`;
  return { ok: false, fault };
}

/** The MIG slice, or the GPUs of the first ready node that the selector matches. Source: reference, e.3 and d. */
function broughtGpus({ resource }: Workspace, context: PlanContext): WorkloadGpus {
  const { partition } = resource;
  if (partition?.mode === 'mig') {
    const profile = partition.profile ?? '';
    const memory = migMemoryGiB(profile);
    if (memory === undefined)
      return refused('resource.partition.profile', `invalid MIG profile ${shown(profile)}`);
    const gpus = { gpuCount: 1, totalMemoryGiB: memory, gpuModel: '', migProfile: profile, nvme: false };
    return { ok: true, gpus, instanceType: '' };
  }
  const matching = matchingNodes(context.nodes ?? [], userNodeLabels(resource.labelSelector.matchLabels));
  const node = matching.find((each) => each.ready !== false && each.deleting !== true);
  if (node === undefined)
    return refused('resource.labelSelector', 'no ready nodes found that match the selector');
  const read = gpusFromLabels(node);
  if (!read.ok)
    return refused(
      'resource.labelSelector',
      `Failed to get GPU config from nvidia labels of node ${node.name}: ${read.message}`,
    );
  if (read.gpus.gpuCount === 0)
    return refused(
      'resource.labelSelector',
      `node ${node.name} has no GPUs: its label nvidia.com/gpu.count is 0`,
    );
  return partition === undefined
    ? { ok: true, gpus: read.gpus, instanceType: '' }
    : acceleratorGpus(read.gpus, partition, node.name);
}

function acceleratorGpus(gpus: GpuFacts, partition: Partition, node: string): WorkloadGpus {
  const wanted = partition.count ?? 1;
  if (wanted > gpus.gpuCount) {
    const message = `partition.count (${wanted}) exceeds GPUs available on node ${node} (${gpus.gpuCount})`;
    return refused('resource.partition.count', message);
  }
  const totalMemoryGiB = (gpus.totalMemoryGiB / gpus.gpuCount) * wanted;
  return { ok: true, gpus: { ...gpus, gpuCount: wanted, totalMemoryGiB }, instanceType: '' };
}

function refused(field: string, message: string): WorkloadGpus {
  return { ok: false, fault: { field, reason: CauseReason.Invalid, message } };
}
