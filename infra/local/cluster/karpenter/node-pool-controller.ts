import { z } from 'zod';
import type { ObjectStore, StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { withConditions } from '../objects/conditions.ts';
import { shortHash } from '../objects/keys.ts';
import { conditionSchema } from '../objects/pod.ts';
import type { Condition } from '../objects/pod.ts';
import { kubernetesTime } from '../objects/times.ts';
import type { Controller } from '../runtime/controller.ts';
import { karpenterKinds } from './kinds.ts';
import { claimSpecSchema, has, karpenterLabel, parseClaim } from './node-claim.ts';

const kind = karpenterKinds.nodePools;
const claims = karpenterKinds.nodeClaims;

const poolSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().int().nonnegative().optional(),
    limits: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    template: z.looseObject({
      metadata: z
        .looseObject({
          labels: z.record(z.string(), z.string()).default({}),
          annotations: z.record(z.string(), z.string()).default({}),
        })
        .default({ labels: {}, annotations: {} }),
      spec: claimSpecSchema,
    }),
  }),
  status: z.looseObject({ conditions: z.array(conditionSchema).default([]) }).default({ conditions: [] }),
});
type NodePool = z.infer<typeof poolSchema>;

/**
 * NodePools with `replicas`: keeps as many NodeClaims as they say, no more than `limits.nodes`. One without makes nothing: pending pods
 * make no machines here.
 */
export function nodePoolController({ clock, store }: ClusterContext): Controller {
  function reconcile(name: string): undefined {
    const object = store.get(kind, { name });
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
    const pool = poolSchema.parse(object);
    const problem = problemOf(store, pool);
    const live = store
      .list(claims, { labels: { [karpenterLabel.nodePool]: name } })
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (problem === undefined && pool.spec.replicas !== undefined) {
      const limit = Number(pool.spec.limits['nodes'] ?? Infinity);
      const wanted = Math.min(pool.spec.replicas, limit);
      for (let index = live.length; index < wanted; index += 1) store.create(claimOf(object, pool));
      for (const surplus of leastUseful(live).slice(0, Math.max(0, live.length - wanted))) {
        store.remove(claims, surplus.metadata, { uid: surplus.metadata.uid });
      }
    }
    writeStatus(name, problem, live.length);
  }

  function claimOf({ metadata }: StoredObject, { spec }: NodePool): Parameters<ObjectStore['create']>[0] {
    const { labels, annotations } = spec.template.metadata;
    const taken = new Set(store.list(claims).map((claim) => claim.metadata.name));
    let suffix = 0;
    let name: string;
    do name = `${metadata.name}-${shortHash([metadata.uid, clock.now(), suffix++], 5)}`;
    while (taken.has(name));
    return {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodeClaim',
      metadata: {
        name,
        labels: { ...labels, [karpenterLabel.nodePool]: metadata.name },
        annotations,
        finalizers: ['karpenter.sh/termination'],
        ownerReferences: [
          {
            apiVersion: 'karpenter.sh/v1',
            kind: 'NodePool',
            name: metadata.name,
            uid: metadata.uid,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { ...spec.template.spec },
    };
  }

  function writeStatus(name: string, problem: Condition | undefined, nodes: number): void {
    store.mutateStatus(kind, { name }, (draft) => {
      const { status } = poolSchema.parse(draft);
      const fine = ['ValidationSucceeded', 'NodeClassReady', 'Ready'].map((type) => ({
        type,
        status: 'True',
        reason: type,
        message: '',
      }));
      const ready = problem && { ...problem, type: 'Ready' };
      const changes = [
        ...fine.filter(({ type }) => type !== problem?.type && (ready === undefined || type !== 'Ready')),
        ...(problem === undefined ? [] : [problem]),
        ...(ready === undefined ? [] : [ready]),
      ];
      const conditions = withConditions(status.conditions, changes, kubernetesTime(clock.now()));
      draft['status'] = { ...status, nodes, conditions };
    });
  }

  return {
    name: 'karpenter-node-pool',
    affected: ({ resource, object: { metadata } }) => {
      switch (resource.plural) {
        case kind.plural:
          return [metadata.name];
        case claims.plural: {
          const pool = metadata.labels?.[karpenterLabel.nodePool];
          return pool === undefined ? [] : [pool];
        }
        case karpenterKinds.nodeClasses.plural:
          return store.list(kind).map((pool) => pool.metadata.name);
        default:
          return [];
      }
    },
    reconcile,
  };
}

/** Labels that a template may not set. Source: the CEL rules of the NodePool CRD, and RestrictedLabels of the Azure provider. */
const restrictedLabels =
  /^(karpenter\.sh\/nodepool|kubernetes\.io\/hostname|agentpool|accelerator|kubernetes\.azure\.com\/(agentpool|accelerator))$/;

/** Why Karpenter does nothing for a NodePool. */
function problemOf(store: ObjectStore, { spec }: NodePool): Condition | undefined {
  const label = Object.keys(spec.template.metadata.labels).find((key) => restrictedLabels.test(key));
  if (label !== undefined) {
    const message = `label ${label} is restricted`;
    return { type: 'ValidationSucceeded', status: 'False', reason: 'NodePoolValidationFailed', message };
  }
  const { name } = spec.template.spec.nodeClassRef;
  if (store.get(karpenterKinds.nodeClasses, { name }) !== undefined) return undefined;
  const message = 'NodeClass not found on cluster';
  return { type: 'NodeClassReady', status: 'False', reason: 'NodeClassNotFound', message };
}

/** Claims without a node go first, then the youngest. */
function leastUseful(objects: readonly StoredObject[]): StoredObject[] {
  const rank = (object: StoredObject): number => (has(parseClaim(object), 'Registered') ? 1 : 0);
  return objects.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      Date.parse(other.metadata.creationTimestamp) - Date.parse(one.metadata.creationTimestamp),
  );
}
