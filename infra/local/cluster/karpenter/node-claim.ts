import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import { conditionSchema } from '../objects/pod.ts';
import type { Condition } from '../objects/pod.ts';
import { taintSchema } from '../objects/taints.ts';

const requirementSchema = z.looseObject({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).default([]),
});

/** What NodeClaims and the template of NodePools say of a machine. */
export const claimSpecSchema = z.looseObject({
  nodeClassRef: z.looseObject({ group: z.string(), kind: z.string(), name: z.string() }),
  requirements: z.array(requirementSchema).default([]),
  taints: z.array(taintSchema).default([]),
  resources: z.looseObject({ requests: z.record(z.string(), z.unknown()).default({}) }).optional(),
});
export type ClaimSpec = z.infer<typeof claimSpecSchema>;

const claimSchema = z.looseObject({
  spec: claimSpecSchema,
  status: z
    .looseObject({
      nodeName: z.string().optional(),
      providerID: z.string().optional(),
      conditions: z.array(conditionSchema).default([]),
    })
    .default({ conditions: [] }),
});
export type NodeClaim = z.infer<typeof claimSchema>;

export function parseClaim(object: StoredObject): NodeClaim {
  return claimSchema.parse(object);
}

/** The values a machine may have for a key; undefined: any. */
export function allowedValues({ requirements }: ClaimSpec, key: string): string[] | undefined {
  return requirements.find((one) => one.key === key && one.operator === 'In')?.values;
}

export function conditionOf({ status }: NodeClaim, type: string): Condition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}

/** Whether a condition is True. */
export function has(claim: NodeClaim, type: string): boolean {
  return conditionOf(claim, type)?.status === 'True';
}

/** Names of nodes say which claim they were made for. */
export function nodeNameOf(claim: string): string {
  return `aks-${claim}`;
}

/** The reverse of `nodeNameOf`; undefined for a name of another form. */
export function claimNameOf(node: string): string | undefined {
  return node.startsWith('aks-') ? node.slice('aks-'.length) : undefined;
}

export const karpenterLabel = {
  nodePool: 'karpenter.sh/nodepool',
  capacityType: 'karpenter.sh/capacity-type',
  registered: 'karpenter.sh/registered',
  instanceType: 'node.kubernetes.io/instance-type',
  zone: 'topology.kubernetes.io/zone',
} as const;

/** The simulator's own notes on a claim. */
export const note = {
  /** JSON of the launch under way. */
  launch: 'simulator/launch',
  /** The machine is gone for good. */
  lost: 'simulator/lost',
} as const;
