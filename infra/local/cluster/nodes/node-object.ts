import type { NewObject } from '../../kubernetes/contract.ts';
import { parseTaint } from '../objects/taints.ts';
import type { Machine } from './machine.ts';

/** What AKS holds back on a node. Source: AKS resource reservations (100m + 2 % CPU, 1 GiB memory at most here). */
const reserved = { cpuMillis: 140, memoryMiB: 1024 };

/** Capacity and allocatable amounts of a machine; GPUs count only once the device plugin has `registered` them. */
export function nodeResources(
  machine: Machine,
  registered: boolean,
): Record<'capacity' | 'allocatable', Record<string, string>> {
  const common = {
    'ephemeral-storage': `${machine.osDiskGiB * 1024 * 1024}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: String(machine.maxPods),
    ...(machine.gpus > 0 && registered && { 'nvidia.com/gpu': String(machine.gpus) }),
  };
  const memoryKi = machine.memoryGiB * 1024 * 1024;
  return {
    capacity: { ...common, cpu: String(machine.vCPUs), memory: `${memoryKi}Ki` },
    allocatable: {
      ...common,
      cpu: `${machine.vCPUs * 1000 - reserved.cpuMillis}m`,
      memory: `${memoryKi - reserved.memoryMiB * 1024}Ki`,
    },
  };
}

/** The Node as a kubelet on AKS registers it; labels as AKS sets them on agent pool nodes. */
export function nodeObject(machine: Machine, cluster: string): NewObject {
  const agentPool = machine.agentPool ?? machine.pool;
  const zone = machine.zone === undefined ? '0' : `${machine.region}-${machine.zone}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.name,
      labels: {
        ...machine.labels,
        agentpool: agentPool,
        'kubernetes.azure.com/agentpool': agentPool,
        'kubernetes.azure.com/cluster': machine.nodeResourceGroup,
        'kubernetes.azure.com/mode': machine.mode.toLowerCase(),
        'kubernetes.azure.com/node-image-version': machine.nodeImage,
        'kubernetes.azure.com/role': 'agent',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': machine.name,
        'kubernetes.io/os': 'linux',
        'beta.kubernetes.io/instance-type': machine.vmSize,
        'node.kubernetes.io/instance-type': machine.vmSize,
        'topology.kubernetes.io/region': machine.region,
        'topology.kubernetes.io/zone': zone,
        'topology.disk.csi.azure.com/zone': machine.zone === undefined ? '' : zone,
        ...(machine.gpus > 0 && { accelerator: 'nvidia', 'kubernetes.azure.com/accelerator': 'nvidia' }),
        ...(machine.spot && { 'kubernetes.azure.com/scalesetpriority': 'spot' }),
      },
      annotations: { 'simulator/cluster': cluster },
    },
    spec: {
      providerID: machine.providerId,
      taints: [
        ...machine.taints.map(parseTaint).filter((taint) => taint !== undefined),
        { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
      ],
    },
  };
}

/** The parts of a Node's status that stay as they are. */
export function nodeInfo(machine: Machine): Record<string, unknown> {
  return {
    addresses: [
      { type: 'InternalIP', address: machine.address },
      { type: 'Hostname', address: machine.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: machine.name,
      containerRuntimeVersion: 'containerd://2.0.0',
      kernelVersion: '5.15.0-1090-azure',
      kubeProxyVersion: `v${machine.kubernetesVersion}`,
      kubeletVersion: `v${machine.kubernetesVersion}`,
      machineID: machine.name,
      operatingSystem: 'linux',
      osImage: 'Ubuntu 22.04.5 LTS',
      systemUUID: machine.name,
    },
  };
}
