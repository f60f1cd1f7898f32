import { runtimeOf } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { findGpuSize } from './gpu-sizes.ts';
import type { PlanContext, PlanResult } from './plan-shape.ts';

/** OS disk where nothing is known about what the pods will keep on it (GiB). Source: reference, f.3. */
export const roomyDiskGiB = 1024;
/** How long a workload of unknown size may take to become ready. Source: reference, c.4 (12). */
export const defaultReadinessSeconds = 1800;

/** A custom pod template runs as it is, one pod on each of `resource.count` nodes. Source: reference, e.1 and g.7. */
export function planTemplate({ metadata, resource }: Workspace, context: PlanContext): PlanResult {
  const broughtNodes = context.provisioning === 'byo';
  const instanceType = broughtNodes ? '' : (resource.instanceType ?? '');
  const size = findGpuSize(instanceType);
  const warnings = size?.retired === true ? [`resource.instanceType: Azure has retired ${size.name}`] : [];
  return {
    ok: true,
    plan: {
      workload: 'template',
      // Nothing of the template hangs on it but a port of its Service.
      runtime: runtimeOf(metadata.annotations, context.gates?.vllm),
      preset: '',
      model: null,
      instanceType: size?.azureName ?? size?.name ?? instanceType,
      nodeCount: Math.max(resource.count, 1),
      gpusPerNode: size?.gpuCount ?? 0,
      gpuModel: size?.gpuModel ?? '',
      nvme: size?.nvme ?? false,
      migProfile: null,
      broughtNodes,
      diskGiB: roomyDiskGiB,
      tensorParallel: 1,
      pipelineParallel: 1,
      dataParallel: 1,
      dtype: '',
      contextTokens: 0,
      readinessTimeoutSeconds: defaultReadinessSeconds,
      benchmark: false,
      estimate: null,
      outputDirectory: '',
      warnings,
    },
  };
}
