/** What Slipway asks Karpenter for, and where: kinds, labels, and the NodePool of an allocation. */
import { managedBy, managedByLabel } from '../kubernetes/labels.ts';
import type { NewClusterObject, ObjectKind } from '../kubernetes/cluster-objects.ts';
import { Label } from '../workspace/annotations.ts';
import type { PoolRequest } from './node-provisioner.ts';
import { asAnnotations } from './stored-tags.ts';

export const nodePools: ObjectKind = {
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  plural: 'nodepools',
};
export const nodeClaims: ObjectKind = {
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodeClaim',
  plural: 'nodeclaims',
};
export const nodeClasses: ObjectKind = {
  apiVersion: 'karpenter.azure.com/v1beta1',
  kind: 'AKSNodeClass',
  plural: 'aksnodeclasses',
};

/** On NodePools, NodeClaims and nodes: the allocation's pool. */
export const poolLabel = 'slipway.dev/pool';
/** Karpenter's own label on what it makes for a NodePool. */
export const nodePoolLabel = 'karpenter.sh/nodepool';

/**
 * Labels that Karpenter sets itself and refuses in a template: its own domain, and those that AKS puts on every node.
 * Source: `RestrictedLabels` of karpenter-provider-azure, pkg/apis/v1beta1/labels.go.
 */
const restricted: ReadonlySet<string> = new Set([nodePoolLabel, 'accelerator', 'agentpool']);

interface Requirement {
  key: string;
  operator: 'In';
  values: string[];
}

/**
 * The NodePool of an allocation, named as its pool, with as many nodes as it asks for whether pods wait or not. Nothing is disrupted by
 * Karpenter's own will: no consolidation, no drift, no expiry. Shape: reference, f.9; `karpenter.sh/v1`.
 * @param region the cluster's, in which zones are named `<region>-<zone>`
 */
export function renderNodePool(
  request: PoolRequest,
  { nodeClass, region }: { nodeClass: string; region: string },
): NewClusterObject {
  const labels = Object.entries(request.labels).filter(([key]) => !restricted.has(key));
  const annotations = asAnnotations(request.tags);
  return {
    metadata: { name: request.name, labels: poolLabels(request), annotations },
    spec: {
      replicas: request.count,
      template: {
        metadata: {
          labels: { ...Object.fromEntries(labels), [poolLabel]: request.name },
          annotations: { ...annotations, 'karpenter.sh/do-not-disrupt': 'true' },
        },
        spec: {
          nodeClassRef: { group: 'karpenter.azure.com', kind: nodeClasses.kind, name: nodeClass },
          taints: request.taints.map(toTaint),
          expireAfter: 'Never',
          requirements: requirements(request, region),
        },
      },
      disruption: {
        consolidationPolicy: 'WhenEmpty',
        consolidateAfter: 'Never',
        budgets: [{ nodes: '0' }],
      },
    },
  };
}

/** Labels by which people and sweeps find what belongs to a workspace; KAITO's keys where it has one. Source: reference, a.4. */
export function poolLabels({ name, labels }: Pick<PoolRequest, 'name' | 'labels'>): Record<string, string> {
  const workspace = labels[Label.workspace];
  const namespace = labels[Label.workspaceNamespace];
  return {
    [managedByLabel]: managedBy,
    [poolLabel]: name,
    ...(workspace === undefined ? {} : { 'karpenter.kaito.sh/workspace-name': workspace }),
    ...(namespace === undefined ? {} : { 'karpenter.kaito.sh/workspace-namespace': namespace }),
  };
}

function requirements({ instanceType, placement }: PoolRequest, region: string): Requirement[] {
  const zones = placement.zones.map((zone) => `${region}-${zone}`);
  return [
    oneOf('node.kubernetes.io/instance-type', [instanceType]),
    oneOf('kubernetes.io/os', ['linux']),
    oneOf('karpenter.sh/capacity-type', [placement.priority]),
    oneOf('karpenter.azure.com/placement-scope', [zones.length === 0 ? 'regional' : 'zonal']),
    ...(zones.length === 0 ? [] : [oneOf('topology.kubernetes.io/zone', zones)]),
  ];
}

function oneOf(key: string, values: string[]): Requirement {
  return { key, operator: 'In', values };
}

/** `key=value:effect`, as pools write taints. */
export function toTaint(text: string): { key: string; value: string; effect: string } {
  const [, key = text, value = '', effect = 'NoSchedule'] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? [];
  return { key, value, effect };
}

/** AKSNodeClass takes OS disks of this range. Source: its CRD, `osDiskSizeGB`. */
const diskRange = { least: 30, most: 2048 };

/**
 * The node class that holds what a NodePool cannot say: image, OS disk, the most to pay for spot. Shared by all pools that need the same,
 * so it is named by its content, and stays: it costs nothing.
 */
export function renderNodeClass({ osSku, diskGiB, placement }: PoolRequest): NewClusterObject {
  const osDiskSizeGB = Math.min(diskRange.most, Math.max(diskRange.least, diskGiB));
  const { spotMaxPrice } = placement;
  const price = spotMaxPrice === null ? [] : [`spot-${spotMaxPrice}`];
  return {
    metadata: {
      name: ['slipway', osSku.toLowerCase(), String(osDiskSizeGB), ...price].join('-'),
      labels: { [managedByLabel]: managedBy },
    },
    spec: {
      imageFamily: osSku,
      osDiskSizeGB,
      ...(spotMaxPrice === null ? {} : { spotMaxPrice: String(spotMaxPrice) }),
    },
  };
}
