import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { readPod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';

/** What keeps a pod's containers from starting. */
export interface MissingReference {
  /** Reason of the waiting containers, and of the event. */
  waiting: string;
  reason: string;
  message: string;
}

/** The first ConfigMap or Secret that the pod needs and that is not there. Optional ones do not count. */
export function missingReference(
  { cache }: ClusterContext,
  stored: StoredObject,
): MissingReference | undefined {
  const namespace = stored.metadata.namespace ?? '';
  const { spec } = readPod(stored);
  const exists = (kind: 'configMaps' | 'secrets', name: string): boolean =>
    cache.get(resources[kind], { namespace, name }) !== undefined;
  for (const { name, configMap, secret } of spec.volumes) {
    const wanted = [
      { kind: 'configMaps', text: 'configmap', name: configMap?.name, optional: configMap?.optional },
      { kind: 'secrets', text: 'secret', name: secret?.secretName, optional: secret?.optional },
    ] as const;
    const absent = wanted.find(
      (each) => each.name !== undefined && each.optional !== true && !exists(each.kind, each.name),
    );
    if (absent) {
      const message = `MountVolume.SetUp failed for volume "${name}" : ${absent.text} "${absent.name ?? ''}" not found`;
      return { waiting: 'ContainerCreating', reason: 'FailedMount', message };
    }
  }
  for (const { env } of [...spec.initContainers, ...spec.containers]) {
    for (const { valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef;
      const map = valueFrom?.configMapKeyRef;
      const absentSecret =
        secret?.name !== undefined && secret.optional !== true && !exists('secrets', secret.name);
      const absentMap = map?.name !== undefined && map.optional !== true && !exists('configMaps', map.name);
      if (!absentSecret && !absentMap) continue;
      const message = absentSecret
        ? `secret "${secret.name ?? ''}" not found`
        : `configmap "${map?.name ?? ''}" not found`;
      return { waiting: 'CreateContainerConfigError', reason: 'Failed', message: `Error: ${message}` };
    }
  }
  return undefined;
}
