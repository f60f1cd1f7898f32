import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import { memoize } from '../objects/memoize.ts';
import { readPod } from '../objects/pod.ts';

const serviceSchema = z.looseObject({
  spec: z.looseObject({
    type: z.string().default('ClusterIP'),
    selector: z.record(z.string(), z.string()).optional(),
    publishNotReadyAddresses: z.boolean().default(false),
    ports: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          protocol: z.string().default('TCP'),
          port: z.number(),
          targetPort: z.union([z.number(), z.string()]).optional(),
        }),
      )
      .default([]),
  }),
});
export type Service = z.infer<typeof serviceSchema>;
export type ServicePort = Service['spec']['ports'][number];

export const readService: (object: StoredObject) => Service = memoize((object) =>
  serviceSchema.parse(object),
);

/** Whether the service's selector picks the pod. A service without one picks none. */
export function selectsPod(service: StoredObject, pod: StoredObject): boolean {
  const { selector } = readService(service).spec;
  if (selector === undefined || service.metadata.namespace !== pod.metadata.namespace) return false;
  return Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

/** The pod's port behind a service port: a number, or the container port of that name. */
export function targetPort({ port, targetPort: target }: ServicePort, pod: StoredObject): number | undefined {
  if (typeof target === 'number') return target;
  if (target === undefined) return port;
  const ports = readPod(pod).spec.containers.flatMap((container) => container.ports);
  return ports.find(({ name }) => name === target)?.containerPort;
}
