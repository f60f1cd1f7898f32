import type { NewObject, StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { controllerReference, keyText, parseKey, shortHash } from '../objects/keys.ts';
import { hasPodEnded, isPodReady, readPod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import type { Controller } from '../runtime/controller.ts';
import { readService, selectsPod, targetPort } from './service.ts';

/** Keeps Endpoints and EndpointSlices of services with a selector. */
export function endpointsController(context: ClusterContext): Controller {
  const { store, cache } = context;
  return {
    name: 'endpoints',
    affected: ({ resource, object }) => {
      if (resource.plural === 'services') return [keyText(object.metadata)];
      if (resource.plural !== 'pods') return [];
      const services = cache.list(resources.services, object.metadata.namespace);
      return services
        .filter((service) => selectsPod(service, object))
        .map(({ metadata }) => keyText(metadata));
    },
    reconcile: (key) => {
      const name = parseKey(key);
      const service = cache.get(resources.services, name);
      if (service === undefined) {
        store.remove(resources.endpoints, name);
        return undefined;
      }
      if (
        readService(service).spec.selector === undefined ||
        service.metadata.deletionTimestamp !== undefined
      )
        return undefined;
      const pods = cache
        .list(resources.pods, service.metadata.namespace)
        .filter(
          (pod) => selectsPod(service, pod) && !hasPodEnded(pod) && readPod(pod).status.podIP !== undefined,
        )
        .sort((left, right) => left.metadata.name.localeCompare(right.metadata.name));
      writeObject(context, endpointsOf(service, pods));
      writeObject(context, sliceOf(service, pods));
      return undefined;
    },
  };
}

function isServing(service: StoredObject, pod: StoredObject): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    (readService(service).spec.publishNotReadyAddresses || isPodReady(pod))
  );
}

function reference({ metadata }: StoredObject): Record<string, unknown> {
  return { kind: 'Pod', name: metadata.name, namespace: metadata.namespace, uid: metadata.uid };
}

function endpointsOf(service: StoredObject, pods: StoredObject[]): NewObject {
  const { spec } = readService(service);
  const address = (pod: StoredObject): Record<string, unknown> => ({
    ip: readPod(pod).status.podIP,
    nodeName: readPod(pod).spec.nodeName,
    targetRef: reference(pod),
  });
  const ready = pods.filter((pod) => isServing(service, pod)).map(address);
  const notReady = pods.filter((pod) => !isServing(service, pod)).map(address);
  const first = pods[0];
  const ports = spec.ports.map((port) => ({
    ...(port.name !== undefined && { name: port.name }),
    port: (first && targetPort(port, first)) ?? port.port,
    protocol: port.protocol,
  }));
  const subset = {
    ...(ready.length > 0 && { addresses: ready }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady }),
    ...(ports.length > 0 && { ports }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: service.metadata.name,
      namespace: service.metadata.namespace ?? 'default',
      labels: service.metadata.labels ?? {},
    },
    subsets: pods.length === 0 ? [] : [subset],
  };
}

function sliceOf(service: StoredObject, pods: StoredObject[]): NewObject {
  const { spec } = readService(service);
  const first = pods[0];
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service.metadata.name}-${shortHash(service.metadata.uid, 5)}`,
      namespace: service.metadata.namespace ?? 'default',
      labels: {
        ...service.metadata.labels,
        'kubernetes.io/service-name': service.metadata.name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [readPod(pod).status.podIP],
      conditions: {
        ready: isServing(service, pod),
        serving: isPodReady(pod),
        terminating: pod.metadata.deletionTimestamp !== undefined,
      },
      nodeName: readPod(pod).spec.nodeName,
      targetRef: reference(pod),
    })),
    ports: spec.ports.map((port) => ({
      name: port.name ?? '',
      port: (first && targetPort(port, first)) ?? port.port,
      protocol: port.protocol,
    })),
  };
}

function writeObject({ store }: ClusterContext, object: NewObject): void {
  const resource = object.kind === 'Endpoints' ? resources.endpoints : resources.endpointSlices;
  const { name = '', namespace = '' } = object.metadata;
  const written = store.mutate(resource, { name, namespace }, (draft) => {
    for (const field of ['subsets', 'endpoints', 'ports']) {
      if (object[field] !== undefined) draft[field] = object[field];
    }
  });
  if (written === undefined) store.create(object);
}
