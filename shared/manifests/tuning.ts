import type { V1Container, V1Job, V1PodSpec } from './kubernetes-models.ts';
import { Terminal } from '../errors/slipway-error.ts';
import { findTunable, images, presetRegistry } from '../../presets/catalogue.ts';
import type { Plan } from '../planning/plan.ts';
import { Label } from '../workspace/annotations.ts';
import type { Tuning, Workspace } from '../workspace/workspace.ts';
import { workloadName } from './names.ts';
import { ownedMetadata } from './object-metadata.ts';
import { servingPort } from './ports.ts';
import { revisionAnnotations, type RenderedObject, type RenderOptions } from './rendered-object.ts';
import { gpuResources } from './gpu-resources.ts';
import { gpuTaint, nodeAffinity, spotToleration } from './scheduling.ts';
import { configFolder, sharedMemory, weightsFolder } from './storage.ts';
import { trainingConfigMap, trainingConfigName } from './training-config-map.ts';
import { inputParts } from './tuning-input.ts';
import { outputParts } from './tuning-output.ts';

/**
 * The objects that tune a model, in the order to apply them: the default config where the user names none, then the Job.
 * Field by field as KAITO v0.12.0 makes them (reference, i), plus `app.kubernetes.io/managed-by: slipway`.
 */
export function renderTuning(workspace: Workspace, plan: Plan, options: RenderOptions): RenderedObject[] {
  const { tuning } = workspace;
  if (tuning === undefined)
    throw new Terminal('NotTuning', { message: `${workspace.metadata.name} has no tuning section` });
  const ownConfig = (tuning.config ?? '') === '' ? [trainingConfigMap(workspace, tuning, plan)] : [];
  return [...ownConfig, renderJob(workspace, plan, { ...options, tuning })];
}

function renderJob(workspace: Workspace, plan: Plan, options: RenderOptions & { tuning: Tuning }): V1Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...ownedMetadata(workspace, workloadName(workspace), options.ownerUid),
      ...revisionAnnotations(options),
    },
    spec: {
      template: {
        metadata: { labels: { [Label.workspace]: workspace.metadata.name } },
        spec: podSpec(workspace, plan, options.tuning),
      },
    },
  };
}

function podSpec(workspace: Workspace, plan: Plan, tuning: Tuning): V1PodSpec {
  const input = inputParts(tuning.input);
  const output = outputParts(tuning, plan);
  const affinity = nodeAffinity(workspace, { ownNodes: false });
  const containers = [trainer(workspace, plan, [...output.mounts, ...input.mounts]), ...output.containers];
  return {
    restartPolicy: 'Never',
    ...(containers.length > 1 ? { shareProcessNamespace: true } : {}),
    initContainers: [weightsDownloader(plan), ...input.initContainers],
    containers,
    ...(affinity === undefined ? {} : { affinity }),
    tolerations: [
      { key: 'gpu', operator: 'Equal', effect: 'NoSchedule' },
      { key: gpuTaint.key, value: gpuTaint.value, effect: gpuTaint.effect },
      spotToleration,
    ],
    ...(output.imagePullSecrets.length === 0 ? {} : { imagePullSecrets: output.imagePullSecrets }),
    volumes: [
      sharedMemory.volume,
      { name: 'model-weights-volume', emptyDir: {} },
      { name: 'config-volume', configMap: { name: trainingConfigName(tuning, plan) } },
      ...output.volumes,
      ...input.volumes,
    ],
  };
}

function trainer(
  workspace: Workspace,
  plan: Plan,
  mounts: NonNullable<V1Container['volumeMounts']>,
): V1Container {
  const launch = `accelerate launch --num_processes=${plan.gpusPerNode} /workspace/tfs/fine_tuning.py`;
  // Phi-3 fuses its projections under other names than the trainer's defaults.
  const targetModules = plan.preset.startsWith('phi-3')
    ? [{ name: 'DEFAULT_TARGET_MODULES', value: 'k_proj,q_proj,v_proj,o_proj,gate_proj,down_proj,up_proj' }]
    : [];
  return {
    name: workspace.metadata.name,
    image: images.base,
    command: ['/bin/sh', '-c', `cd /workspace/tfs/ && python3 metrics_server.py & ${launch}`],
    ports: [{ containerPort: servingPort }],
    env: [...targetModules, { name: 'PYTORCH_CUDA_ALLOC_CONF', value: 'expandable_segments:True' }],
    resources: gpuResources(plan),
    volumeMounts: [
      sharedMemory.mount,
      { name: 'model-weights-volume', mountPath: weightsFolder },
      { name: 'config-volume', mountPath: configFolder },
      ...mounts,
    ],
  };
}

/** Weights for tuning come as an artifact from the preset registry. */
function weightsDownloader(plan: Plan): V1Container {
  const tunable = findTunable(plan.preset);
  if (tunable === undefined) throw new Terminal('NotTunable', { message: `${plan.preset} cannot be tuned` });
  const artifact = `${presetRegistry}/kaito-${tunable.imageName}:${tunable.tag}`;
  return {
    name: 'model-weights-downloader',
    image: images.weightsPuller,
    command: ['oras', 'pull', artifact, '-o', weightsFolder],
    volumeMounts: [{ name: 'model-weights-volume', mountPath: weightsFolder }],
  };
}
