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
import { defaultPodSpec } from './pod-defaults.ts';
import { validatePodSpec, validateTemplate } from './pod-validation.ts';

/** The spec with its pod template's defaults filled. */
function templated(object: JsonObject): JsonObject {
  const spec = ensureObject(object, 'spec');
  const template = ensureObject(spec, 'template');
  ensureObject(template, 'metadata');
  defaultPodSpec(ensureObject(template, 'spec'));
  return spec;
}

function mustRestart(object: JsonObject): StatusCause[] {
  const policy = stringAt(object, 'spec', 'template', 'spec', 'restartPolicy');
  return policy === 'Always'
    ? []
    : [fault.unsupported('spec.template.spec.restartPolicy', policy, ['Always'])];
}

/** apps/v1 SetDefaults_Deployment. */
export const deployments: Behaviour = {
  defaults(deployment) {
    const spec = templated(deployment);
    setDefault(spec, 'replicas', 1);
    const strategy = ensureObject(spec, 'strategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = ensureObject(strategy, 'rollingUpdate');
      setDefault(rolling, 'maxUnavailable', '25%');
      setDefault(rolling, 'maxSurge', '25%');
    }
    setDefault(spec, 'revisionHistoryLimit', 10);
    setDefault(spec, 'progressDeadlineSeconds', 600);
  },
  validate(deployment, old) {
    const strategy = objectAt(deployment, 'spec', 'strategy');
    const contradicts = strategy?.['type'] === 'Recreate' && strategy['rollingUpdate'] !== undefined;
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    return [
      ...validateTemplate(deployment, old),
      ...mustRestart(deployment),
      ...(contradicts ? [fault.forbidden('spec.strategy.rollingUpdate', detail)] : []),
    ];
  },
};

export const replicaSets: Behaviour = {
  defaults: (set) => setDefault(templated(set), 'replicas', 1),
  validate: (set, old) => [...validateTemplate(set, old), ...mustRestart(set)],
};

/** apps/v1 SetDefaults_DaemonSet. */
export const daemonSets: Behaviour = {
  defaults(set) {
    const spec = templated(set);
    const strategy = ensureObject(spec, 'updateStrategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = ensureObject(strategy, 'rollingUpdate');
      setDefault(rolling, 'maxUnavailable', 1);
      setDefault(rolling, 'maxSurge', 0);
    }
    setDefault(spec, 'revisionHistoryLimit', 10);
  },
  validate: (set, old) => [...validateTemplate(set, old), ...mustRestart(set)],
};

/** apps/v1 SetDefaults_StatefulSet. */
export const statefulSets: Behaviour = {
  defaults(set) {
    const spec = templated(set);
    setDefault(spec, 'replicas', 1);
    setDefault(spec, 'podManagementPolicy', 'OrderedReady');
    const strategy = ensureObject(spec, 'updateStrategy');
    setDefault(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate')
      setDefault(ensureObject(strategy, 'rollingUpdate'), 'partition', 0);
    setDefault(spec, 'revisionHistoryLimit', 10);
    setDefault(spec, 'persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain', whenScaled: 'Retain' });
    for (const claim of listAt(spec, 'volumeClaimTemplates').filter(isObject)) {
      Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
      setDefault(ensureObject(claim, 'spec'), 'volumeMode', 'Filesystem');
      setDefault(claim, 'status', { phase: 'Pending' });
    }
  },
  validate: (set, old) => [
    ...validateTemplate(set, undefined),
    ...mustRestart(set),
    ...(old === undefined ? [] : refuseStatefulSetChanges(set, old)),
  ],
};

const changeable = [
  ...['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit'],
  ...['persistentVolumeClaimRetentionPolicy', 'minReadySeconds'],
];

function refuseStatefulSetChanges(set: JsonObject, old: JsonObject): StatusCause[] {
  const frozen = (object: JsonObject): unknown =>
    Object.entries(objectAt(object, 'spec') ?? {})
      .filter(([field]) => !changeable.includes(field))
      .sort(([left], [right]) => left.localeCompare(right));
  if (equalJson(frozen(set), frozen(old))) return [];
  const fields =
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
  return [
    fault.forbidden('spec', `updates to statefulset spec for fields other than ${fields} are forbidden`),
  ];
}

/** batch/v1 SetDefaults_Job; on creation the selector and the labels that tie pods to this very Job. */
export const jobs: Behaviour = {
  defaults(job) {
    const spec = templated(job);
    if (spec['completions'] === undefined && spec['parallelism'] === undefined) {
      Object.assign(spec, { completions: 1, parallelism: 1 });
    }
    setDefault(spec, 'parallelism', 1);
    setDefault(spec, 'backoffLimit', 6);
    setDefault(spec, 'completionMode', 'NonIndexed');
    setDefault(spec, 'suspend', false);
    setDefault(spec, 'manualSelector', false);
    setDefault(
      spec,
      'podReplacementPolicy',
      spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
    );
  },
  admit(job) {
    const spec = ensureObject(job, 'spec');
    if (spec['manualSelector'] === true) return;
    const [uid, name] = [stringAt(job, 'metadata', 'uid'), stringAt(job, 'metadata', 'name')];
    const labels = ensureObject(ensureObject(ensureObject(spec, 'template'), 'metadata'), 'labels');
    for (const prefix of ['', 'batch.kubernetes.io/']) {
      Object.assign(labels, { [`${prefix}controller-uid`]: uid, [`${prefix}job-name`]: name });
    }
    spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  },
  validate(job, old) {
    const template = objectAt(job, 'spec', 'template');
    const policy = stringAt(template, 'spec', 'restartPolicy');
    const at = 'spec.template.spec.restartPolicy';
    const causes = validatePodSpec(objectAt(template, 'spec') ?? {}, 'spec.template.spec');
    if (policy !== 'Never' && policy !== 'OnFailure')
      causes.push(fault.unsupported(at, policy, ['OnFailure', 'Never']));
    for (const field of ['template', 'selector', 'completionMode']) {
      const [before, after] = [old, job].map((object) => objectAt(object, 'spec')?.[field]);
      if (old !== undefined && !equalJson(before, after)) {
        causes.push(fault.invalid(`spec.${field}`, 'changed', 'field is immutable'));
      }
    }
    return causes;
  },
  carryOver(job, old) {
    // Clients that send the manifest again leave out what creation generated.
    const generated = objectAt(old, 'spec', 'template', 'metadata', 'labels') ?? {};
    const spec = ensureObject(job, 'spec');
    setDefault(spec, 'selector', structuredClone(objectAt(old, 'spec', 'selector')));
    const labels = ensureObject(ensureObject(ensureObject(spec, 'template'), 'metadata'), 'labels');
    for (const name of [
      'controller-uid',
      'job-name',
      'batch.kubernetes.io/controller-uid',
      'batch.kubernetes.io/job-name',
    ]) {
      if (generated[name] !== undefined) setDefault(labels, name, generated[name]);
    }
  },
};
