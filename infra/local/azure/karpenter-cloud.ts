import type { KarpenterCloud, LaunchAnswer, LaunchRequest } from '../cluster/karpenter/cloud.ts';
import { exceededUsage } from './quota.ts';
import { nodeResourceGroup } from './resource-ids.ts';
import type { AzureContext } from './settings.ts';
import { platformVersions } from './settings.ts';
import { findVmSize } from './vm-sizes.ts';
import type { VmSize } from './vm-sizes.ts';

/** A Karpenter launch is one machine: no scale set to set up, so about what scaling an existing one takes. */
const launchTiming = 'poolScale';

/** The region as the Karpenter of one cluster meets it: the same sizes, quotas and scripted outcomes as agent pools. */
export function karpenterCloud(context: AzureContext, cluster: string): KarpenterCloud {
  const { state, subscriptionId, timings } = context;
  const region = state.clusters.get(cluster)?.location ?? '';
  return {
    region,
    subscriptionId,
    nodeResourceGroup: nodeResourceGroup(context, cluster, region),
    kubernetesVersion: platformVersions.kubernetes,
    nodeImage: (gpus) => (gpus > 0 ? platformVersions.gpuNodeImage : platformVersions.nodeImage),
    size(name) {
      const size = findVmSize(name);
      return (
        size && {
          name: size.name,
          vCPUs: size.vCPUs,
          memoryGiB: size.memoryGiB,
          gpus: size.gpus,
          gpuProduct: size.gpu,
          gpuMiB: size.gpuMiB ?? 0,
        }
      );
    },
    launch(request) {
      const { pool, instanceType, zones, spot } = request;
      const size = findVmSize(instanceType);
      if (size === undefined || size.retired === true) return failed('SkuNotAvailable', request, 0);
      const scripted = state.faults.outcome({
        cluster,
        pool,
        vmSize: size.name,
        zones,
        priority: spot ? 'Spot' : 'Regular',
        operation: 'create',
      });
      switch (scripted?.type) {
        case 'refuse':
          return failed(scripted.code, request, 0, scripted.message);
        case 'fail':
          return failed(
            scripted.details?.[0]?.code ?? scripted.code,
            request,
            scripted.afterSeconds,
            scripted.message,
          );
        case 'stuck':
          return { outcome: 'stuck' };
        case 'slow':
          return made(size, request, scripted.seconds);
        case undefined:
          if (exceededUsage(state, { location: region, size, machines: 1, spot }) !== undefined) {
            return failed('QuotaExceeded', request, 0);
          }
          return made(size, request, timings.arm[launchTiming]);
      }
    },
  };
}

function made(size: VmSize, { zones }: LaunchRequest, afterSeconds: number): LaunchAnswer {
  if (zones.length === 0) return { outcome: 'made', afterSeconds, zone: undefined };
  const zone = zones.find((one) => size.zones.includes(one));
  if (zone !== undefined) return { outcome: 'made', afterSeconds, zone };
  // No offering meets the requirements: what Karpenter core says before any machine is asked for.
  const message = 'all requested instance types were unavailable during launch';
  return { outcome: 'failed', afterSeconds: 0, reason: 'InsufficientCapacityError', message };
}

/** Azure's error as karpenter-provider-azure tells it. Source: its commonerrorhandlers.go. */
function failed(code: string, request: LaunchRequest, afterSeconds: number, other = ''): LaunchAnswer {
  const { reason, message } = told(code, request) ?? {
    reason: 'CreateInstanceFailed',
    message: `${code}: ${other}`,
  };
  return { outcome: 'failed', afterSeconds, reason, message };
}

function told(
  code: string,
  { instanceType, zones, spot }: LaunchRequest,
): { reason: string; message: string } | undefined {
  const capacity = spot ? 'spot' : 'on-demand';
  const zone = zones.join(', ');
  switch (code) {
    case 'AllocationFailed':
      return {
        reason: 'AllocationFailure',
        message: `unable to allocate resources with selected VM size (${instanceType}). (will try a different VM size to fulfill your request)`,
      };
    case 'ZonalAllocationFailed':
      return {
        reason: 'ZonalAllocationFailure',
        message: `unable to allocate resources in the selected zone (${zone}). (will try a different zone to fulfill your request)`,
      };
    case 'SkuNotAvailable':
      return {
        reason: 'SKUNotAvailable',
        message: `the requested SKU is unavailable for instance type ${instanceType} in zone ${zone} with capacity type ${capacity}, for more details please visit: https://aka.ms/azureskunotavailable`,
      };
    case 'QuotaExceeded':
    case 'ErrCode_InsufficientVCPUQuota':
      return {
        reason: 'SubscriptionQuotaReached',
        message: `subscription level ${capacity} vCPU quota for ${instanceType} has been reached (may try provision an alternative instance type)`,
      };
    default:
      return undefined;
  }
}
