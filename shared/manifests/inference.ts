import type { V1Container, V1PodSpec, V1StatefulSet } from './kubernetes-models.ts';
import { images } from '../../presets/catalogue.ts';
import type { Plan, PlannedModel } from '../planning/plan.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { adapterParts } from './adapters.ts';
import { inferenceEnvironment } from './environment.ts';
import { revisionAnnotations, type RenderedObject, type RenderOptions } from './rendered-object.ts';
import { gpuResources } from './gpu-resources.ts';
import { headlessServiceName, workloadName } from './names.ts';
import { ownedMetadata, workloadLabels } from './object-metadata.ts';
import { decodePort, keyValueEventsPort, servingPort } from './ports.ts';
import { inferenceProbes } from './probes.ts';
import { inferenceTolerations, nodeAffinity } from './scheduling.ts';
import { renderServices } from './services.ts';
import { cudaFolder, cudaVolume, inferenceStorage, needsCudaToolkit } from './storage.ts';
import { renderTemplateWorkload } from './template-workload.ts';
import { transformersCommand } from './transformers-command.ts';
import { vllmCommand } from './vllm-command.ts';
import { Label } from '../workspace/annotations.ts';

/**
 * The objects that serve a Workspace, in the order to apply them: Services, then the StatefulSet.
 * Field by field as KAITO v0.12.0 makes them (reference, g), plus `app.kubernetes.io/managed-by: slipway`.
 */
export function renderInference(workspace: Workspace, plan: Plan, options: RenderOptions): RenderedObject[] {
  const workload =
    plan.model === null
      ? renderTemplateWorkload(workspace, plan, options)
      : renderModelWorkload(workspace, plan, { ...options, model: plan.model });
  return [...renderServices(workspace, plan, options.ownerUid), workload];
}

function renderModelWorkload(
  workspace: Workspace,
  plan: Plan,
  options: RenderOptions & { model: PlannedModel },
): V1StatefulSet {
  const { model } = options;
  const storage = inferenceStorage(workspace, plan, { model, nvme: options.localNvmeStorageClass });
  const adapters = adapterParts(workspace.inference?.adapters ?? []);
  const container: V1Container = {
    name: workspace.metadata.name,
    image: images.base,
    command: [
      '/bin/sh',
      '-c',
      plan.runtime === 'vllm' ? vllmCommand(workspace, plan, model) : transformersCommand(model),
    ],
    ports: containerPorts(workspace, plan),
    env: inferenceEnvironment(workspace, plan, model),
    resources: gpuResources(plan),
    volumeMounts: [...storage.mounts, ...adapters.mounts],
    ...inferenceProbes(workspace, plan),
  };
  const initContainers = [...(needsCudaToolkit(model) ? [cudaProvisioner] : []), ...adapters.initContainers];
  const affinity = nodeAffinity(workspace, { ownNodes: !plan.broughtNodes });
  const pod: V1PodSpec = {
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: [container],
    ...(affinity === undefined ? {} : { affinity }),
    tolerations: inferenceTolerations(plan),
    imagePullSecrets: adapters.imagePullSecrets,
    volumes: [...storage.volumes, ...adapters.volumes, ...storage.lastVolumes],
  };
  const labels = workloadLabels(workspace);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      ...ownedMetadata(workspace, workloadName(workspace), options.ownerUid),
      ...revisionAnnotations(options),
    },
    spec: {
      replicas: plan.nodeCount,
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Delete' },
      serviceName: headlessServiceName(workspace),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod },
      ...(storage.claims.length === 0 ? {} : { volumeClaimTemplates: storage.claims }),
    },
  };
}

function containerPorts({ metadata }: Workspace, plan: Plan): V1Container['ports'] {
  if (plan.runtime === 'transformers') return [{ name: 'http', containerPort: servingPort }];
  const decodes = metadata.labels[Label.inferenceRole] === 'decode';
  return [
    { name: 'http', containerPort: decodes ? decodePort : servingPort },
    { name: 'kv-events', containerPort: keyValueEventsPort },
  ];
}

/** Installs the CUDA toolkit on the node once, under a lock. */
const cudaProvisioner: V1Container = {
  name: 'cuda-toolkit-provisioner',
  image: images.base,
  command: ['/bin/sh', '-c', 'flock "$1" /workspace/cuda-provision.sh "$1"', 'sh', cudaFolder],
  volumeMounts: [{ name: cudaVolume, mountPath: cudaFolder }],
};
