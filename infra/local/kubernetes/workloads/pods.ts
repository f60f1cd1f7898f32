import {
  ensureObject,
  equalJson,
  isObject,
  listAt,
  objectAt,
  setDefault,
  stringAt,
  type JsonObject,
} from '../json.ts';
import type { Behaviour } from '../resources/definition.ts';
import { fault, type StatusCause } from '../status.ts';
import { containersOf, defaultPodSpec } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';

/** How long a pod stays on a node that is not ready or unreachable, by the DefaultTolerationSeconds admission. */
const tolerationSeconds = 300;

export const pods: Behaviour = {
  defaults(pod) {
    const spec = ensureObject(pod, 'spec');
    defaultPodSpec(spec);
    setDefault(spec, 'enableServiceLinks', true);
  },
  admit(pod) {
    const spec = ensureObject(pod, 'spec');
    if (stringAt(spec, 'serviceAccountName') === undefined) {
      Object.assign(spec, { serviceAccountName: 'default', serviceAccount: 'default' });
    }
    setDefault(spec, 'priority', 0);
    setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
    addTolerations(spec);
    pod['status'] = { phase: 'Pending', qosClass: qosClass(spec) };
  },
  validate(pod, old) {
    const spec = objectAt(pod, 'spec');
    if (spec === undefined) return [fault.required('spec')];
    return [
      ...validatePodSpec(spec, 'spec'),
      ...(old === undefined ? [] : refuseChanges(spec, objectAt(old, 'spec') ?? {})),
    ];
  },
};

function addTolerations(spec: JsonObject): void {
  const tolerations = listAt(spec, 'tolerations').filter(isObject);
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !tolerations.some((toleration) => tolerates(toleration, key)),
  );
  spec['tolerations'] = [
    ...tolerations,
    ...added.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })),
  ];
}

function tolerates(toleration: JsonObject, key: string): boolean {
  const effect = toleration['effect'];
  const sameKey = toleration['key'] === key || (!toleration['key'] && toleration['operator'] === 'Exists');
  return sameKey && (effect === 'NoExecute' || effect === '' || effect === undefined);
}

/** Guaranteed when every container limits cpu and memory to what it requests, BestEffort when none asks for anything. */
function qosClass(spec: JsonObject): string {
  const containers = containersOf(spec).map((container) => ({
    limits: pick(objectAt(container, 'resources', 'limits')),
    requests: pick(objectAt(container, 'resources', 'requests')),
  }));
  if (containers.every(({ limits, requests }) => isEmpty(limits) && isEmpty(requests))) return 'BestEffort';
  const exact = containers.every(
    ({ limits, requests }) => Object.keys(limits).length === 2 && equalJson(limits, requests),
  );
  return exact ? 'Guaranteed' : 'Burstable';
}

function pick(resources: JsonObject | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(resources ?? {}).filter(([name]) => name === 'cpu' || name === 'memory'),
  );
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

/** Of a pod's spec only images, tolerations (added to), the deadline, and once the node may change. */
function refuseChanges(spec: JsonObject, old: JsonObject): StatusCause[] {
  const frozen = (from: JsonObject): JsonObject => {
    const {
      activeDeadlineSeconds: _deadline,
      tolerations: _tolerations,
      containers,
      initContainers,
      ...rest
    } = from;
    if (!old['nodeName']) delete rest['nodeName'];
    delete rest['schedulingGates'];
    const withoutImage = (list: unknown): unknown[] =>
      listAt(list).map((container) => (isObject(container) ? { ...container, image: '' } : container));
    return { ...rest, containers: withoutImage(containers), initContainers: withoutImage(initContainers) };
  };
  if (equalJson(frozen(spec), frozen(old))) return [];
  const detail =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  return [fault.forbidden('spec', detail)];
}
