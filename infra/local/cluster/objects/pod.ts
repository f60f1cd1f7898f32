import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import { memoize } from './memoize.ts';
import { tolerationSchema } from './taints.ts';

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).default({});

const probeSchema = z.looseObject({
  exec: z.looseObject({ command: z.array(z.string()).default([]) }).optional(),
  initialDelaySeconds: z.number().default(0),
  periodSeconds: z.number().default(10),
  failureThreshold: z.number().default(3),
});
export type Probe = z.infer<typeof probeSchema>;

const keyReference = z.looseObject({
  name: z.string().optional(),
  key: z.string(),
  optional: z.boolean().optional(),
});

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        valueFrom: z
          .looseObject({ secretKeyRef: keyReference.optional(), configMapKeyRef: keyReference.optional() })
          .optional(),
      }),
    )
    .default([]),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
  resources: z
    .looseObject({ requests: quantities, limits: quantities })
    .default({ requests: {}, limits: {} }),
  startupProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
});
export type Container = z.infer<typeof containerSchema>;

const requirementSchema = z.looseObject({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).default([]),
});
export type NodeSelectorRequirement = z.infer<typeof requirementSchema>;

const labelSelectorSchema = z.looseObject({ matchLabels: z.record(z.string(), z.string()).default({}) });

const affinitySchema = z.looseObject({
  nodeAffinity: z
    .looseObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .looseObject({
          nodeSelectorTerms: z.array(
            z.looseObject({
              matchExpressions: z.array(requirementSchema).default([]),
              matchFields: z.array(requirementSchema).default([]),
            }),
          ),
        })
        .optional(),
    })
    .optional(),
  podAntiAffinity: z
    .looseObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .array(z.looseObject({ topologyKey: z.string(), labelSelector: labelSelectorSchema.optional() }))
        .default([]),
    })
    .optional(),
});

const volumeSchema = z.looseObject({
  name: z.string(),
  configMap: z.looseObject({ name: z.string().optional(), optional: z.boolean().optional() }).optional(),
  secret: z.looseObject({ secretName: z.string().optional(), optional: z.boolean().optional() }).optional(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
});

const stateSchema = z.looseObject({
  waiting: z.looseObject({ reason: z.string().optional() }).optional(),
  running: z.looseObject({ startedAt: z.string() }).optional(),
  terminated: z
    .looseObject({
      exitCode: z.number(),
      reason: z.string().optional(),
      startedAt: z.string().optional(),
      finishedAt: z.string().optional(),
    })
    .optional(),
});
export type ContainerState = z.infer<typeof stateSchema>;

const containerStatusSchema = z.looseObject({
  name: z.string(),
  ready: z.boolean().default(false),
  started: z.boolean().optional(),
  restartCount: z.number().default(0),
  state: stateSchema.default({}),
  lastState: stateSchema.default({}),
});
export type ContainerStatus = z.infer<typeof containerStatusSchema>;

export const conditionSchema = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});
export type Condition = z.infer<typeof conditionSchema>;

const podSchema = z.looseObject({
  spec: z.looseObject({
    nodeName: z.string().optional(),
    containers: z.array(containerSchema),
    initContainers: z.array(containerSchema).default([]),
    restartPolicy: z.string().default('Always'),
    nodeSelector: z.record(z.string(), z.string()).default({}),
    affinity: affinitySchema.optional(),
    tolerations: z.array(tolerationSchema).default([]),
    volumes: z.array(volumeSchema).default([]),
    terminationGracePeriodSeconds: z.number().default(30),
    hostNetwork: z.boolean().optional(),
  }),
  status: z
    .looseObject({
      phase: z.string().default('Pending'),
      reason: z.string().optional(),
      startTime: z.string().optional(),
      podIP: z.string().optional(),
      conditions: z.array(conditionSchema).default([]),
      initContainerStatuses: z.array(containerStatusSchema).default([]),
      containerStatuses: z.array(containerStatusSchema).default([]),
    })
    .default({ phase: 'Pending', conditions: [], initContainerStatuses: [], containerStatuses: [] }),
});

/** The parts of a Pod that controllers, scheduler and kubelet read. */
export type Pod = z.infer<typeof podSchema>;

/** An object as a Pod; for the drafts of `mutate`, which change under the reader. Throws when it is not one. */
export function parsePod(object: StoredObject): Pod {
  return podSchema.parse(object);
}

/** A stored (frozen) Pod, typed once. */
export const readPod: (object: StoredObject) => Pod = memoize(parsePod);

export function isPodReady(object: StoredObject): boolean {
  return readPod(object).status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** A Pod that neither ended nor is about to go: what counts towards the replicas of its owner. */
export function isPodActive(object: StoredObject): boolean {
  return !hasPodEnded(object) && object.metadata.deletionTimestamp === undefined;
}

export function hasPodEnded(object: StoredObject): boolean {
  const { phase } = readPod(object).status;
  return phase === 'Succeeded' || phase === 'Failed';
}
