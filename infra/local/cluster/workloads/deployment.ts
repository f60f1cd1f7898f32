import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { withConditions } from '../objects/conditions.ts';
import { controllerReference, parseKey, shortHash } from '../objects/keys.ts';
import { conditionSchema } from '../objects/pod.ts';
import type { Condition } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import type { Controller } from '../runtime/controller.ts';
import { ownAndControlled } from './affected.ts';
import { templateSchema } from './pod-template.ts';

const amount = z.union([z.number(), z.string()]);
const specSchema = z.looseObject({
  replicas: z.number().default(1),
  template: templateSchema,
  selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).default({}) }),
  progressDeadlineSeconds: z.number().default(600),
  strategy: z.looseObject({
    type: z.string(),
    rollingUpdate: z
      .looseObject({ maxSurge: amount.default('25%'), maxUnavailable: amount.default('25%') })
      .optional(),
  }),
});
type DeploymentSpec = z.infer<typeof specSchema>;

const replicaSetSchema = z.looseObject({
  spec: z.looseObject({ replicas: z.number().default(0) }),
  status: z
    .looseObject({ replicas: z.number().default(0), readyReplicas: z.number().default(0) })
    .default({ replicas: 0, readyReplicas: 0 }),
});
const statusSchema = z
  .looseObject({ conditions: z.array(conditionSchema).default([]) })
  .default({ conditions: [] });

const hashLabel = 'pod-template-hash';
const revisionAnnotation = 'deployment.kubernetes.io/revision';

interface Counted {
  set: StoredObject;
  wanted: number;
  replicas: number;
  ready: number;
}

/** Rolls a Deployment's pods from old ReplicaSets to the one of its template, within maxSurge and maxUnavailable. */
export function deploymentController(context: ClusterContext): Controller {
  const { store, cache, clock } = context;
  return {
    name: 'deployment',
    affected: ownAndControlled(resources.deployments, 'Deployment'),
    reconcile: (key) => {
      const deployment = cache.get(resources.deployments, parseKey(key));
      if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
      const spec = specSchema.parse(deployment['spec']);
      const hash = shortHash(spec.template, 10);
      const find = (): Counted[] => cache.controlledBy(deployment.metadata.uid, 'ReplicaSet').map(count);
      if (!find().some(({ set }) => set.metadata.labels?.[hashLabel] === hash))
        createReplicaSet(context, deployment, { spec, hash });
      const sets = find();
      const current = sets.find(({ set }) => set.metadata.labels?.[hashLabel] === hash);
      if (current === undefined) return undefined;
      const old = sets.filter((each) => each !== current);
      for (const { set, wanted } of desired(spec, current, old)) {
        store.mutate(resources.replicaSets, set.metadata, (draft) => {
          draft['spec'] = { ...z.looseObject({}).parse(draft['spec']), replicas: wanted };
        });
      }
      return writeStatus(context, deployment, { spec, current, old, now: clock.now() });
    },
  };
}

function count(set: StoredObject): Counted {
  const { spec, status } = replicaSetSchema.parse(set);
  return { set, wanted: spec.replicas, replicas: status.replicas, ready: status.readyReplicas };
}

function createReplicaSet(
  { store, cache }: ClusterContext,
  deployment: StoredObject,
  { spec, hash }: { spec: DeploymentSpec; hash: string },
): void {
  const labels = { ...spec.template.metadata.labels, [hashLabel]: hash };
  const revisions = cache
    .controlledBy(deployment.metadata.uid, 'ReplicaSet')
    .map(({ metadata }) => Number(metadata.annotations?.[revisionAnnotation] ?? 0));
  const revision = String(Math.max(0, ...revisions) + 1);
  store.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? 'default',
      labels,
      annotations: { [revisionAnnotation]: revision },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  });
  store.mutate(resources.deployments, deployment.metadata, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [revisionAnnotation]: revision };
  });
}

/** How many replicas each set shall have now: the new one grows as far as the surge allows, the old ones give way as it turns ready. */
function desired(
  spec: DeploymentSpec,
  current: Counted,
  old: Counted[],
): { set: StoredObject; wanted: number }[] {
  const { replicas, strategy } = spec;
  const running = old.reduce((sum, { wanted }) => sum + wanted, 0);
  if (strategy.type === 'Recreate') {
    const gone = old.every(({ replicas: left }) => left === 0);
    return [
      ...old.map(({ set }) => ({ set, wanted: 0 })),
      { set: current.set, wanted: gone && running === 0 ? replicas : current.wanted },
    ];
  }
  const surge = resolve(strategy.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil);
  const unavailable = resolve(strategy.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor);
  const slack = surge === 0 && unavailable === 0 ? 1 : unavailable;
  const grown = Math.min(replicas, Math.max(current.wanted, replicas + surge - running));
  let removable = Math.max(0, running + current.ready - (replicas - slack));
  const shrunk = old.map(({ set, wanted, ready }) => {
    // Pods that are not ready serve nobody and go at no cost.
    const unready = Math.max(0, wanted - ready);
    const taken = Math.min(wanted, Math.max(unready, removable));
    removable = Math.max(0, removable - taken);
    return { set, wanted: wanted - taken };
  });
  return [{ set: current.set, wanted: grown }, ...shrunk];
}

function resolve(amountOf: number | string, replicas: number, round: (value: number) => number): number {
  if (typeof amountOf === 'number') return amountOf;
  return amountOf.endsWith('%') ? round((Number.parseFloat(amountOf) / 100) * replicas) : Number(amountOf);
}

function writeStatus(
  { store }: ClusterContext,
  deployment: StoredObject,
  facts: { spec: DeploymentSpec; current: Counted; old: Counted[]; now: number },
): number | undefined {
  const { spec, current, old, now } = facts;
  const all = [current, ...old];
  const total = all.reduce((sum, { replicas }) => sum + replicas, 0);
  const ready = all.reduce((sum, each) => sum + each.ready, 0);
  const complete =
    current.ready >= spec.replicas && total === current.replicas && current.replicas === spec.replicas;
  const before = statusSchema.parse(deployment['status']).conditions;
  const progressing = before.find(({ type }) => type === 'Progressing');
  const deadline = timeOf(current.set.metadata.creationTimestamp, now) + spec.progressDeadlineSeconds * 1000;
  const late = !complete && now >= deadline;
  const available =
    ready >=
    spec.replicas - resolve(spec.strategy.rollingUpdate?.maxUnavailable ?? 0, spec.replicas, Math.floor);
  const name = current.set.metadata.name;
  const conditions: Condition[] = [
    available
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    complete || progressing?.reason === 'NewReplicaSetAvailable'
      ? {
          type: 'Progressing',
          status: 'True',
          reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
          message: `ReplicaSet "${name}" has successfully progressed.`,
        }
      : late
        ? {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: `ReplicaSet "${name}" has timed out progressing.`,
          }
        : {
            type: 'Progressing',
            status: 'True',
            reason: 'ReplicaSetUpdated',
            message: `ReplicaSet "${name}" is progressing.`,
          },
  ];
  store.mutateStatus(resources.deployments, deployment.metadata, (draft) => {
    draft['status'] = {
      observedGeneration: deployment.metadata.generation,
      replicas: total,
      updatedReplicas: current.replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, spec.replicas - ready),
      conditions: withConditions(before, conditions, kubernetesTime(now)),
    };
  });
  return !complete && !late ? deadline : undefined;
}
