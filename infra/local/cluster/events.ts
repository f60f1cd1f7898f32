import type { StoredObject } from '../kubernetes/contract.ts';
import type { ClusterContext } from './cluster-context.ts';
import { shortHash } from './objects/keys.ts';
import { resources } from './objects/resource-types.ts';
import { kubernetesTime } from './objects/times.ts';

/** What a controller tells about an object. */
export interface EventFacts {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** The component that tells it. */
  source: string;
}

/** Records a core/v1 Event about `object`; the same one again raises its count. */
export function recordEvent({ clock, store }: ClusterContext, object: StoredObject, facts: EventFacts): void {
  const { metadata, kind, apiVersion } = object;
  const namespace = metadata.namespace ?? 'default';
  const now = kubernetesTime(clock.now());
  const name = `${metadata.name}.${shortHash([metadata.uid, facts], 16)}`;
  const key = { namespace, name };
  const known = store.mutate(resources.events, key, (event) => {
    const count = event['count'];
    event['count'] = typeof count === 'number' ? count + 1 : 2;
    event['lastTimestamp'] = now;
  });
  if (known) return;
  store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      apiVersion,
      kind,
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
    },
    type: facts.type,
    reason: facts.reason,
    message: facts.message,
    source: { component: facts.source },
    reportingComponent: facts.source,
    reportingInstance: '',
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  });
}
