import type { V1PersistentVolumeClaim, V1Volume, V1VolumeMount } from './kubernetes-models.ts';
import { runtimeTables } from '../../presets/catalogue.ts';
import type { Plan, PlannedModel } from '../planning/plan.ts';
import { Annotation, Label } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';

export const weightsFolder = '/workspace/weights';
export const configFolder = '/mnt/config';
export const configFile = `${configFolder}/inference_config.yaml`;
export const cudaFolder = '/opt/kaito/cuda/129';
export const cudaVolume = 'cuda-toolkit-hostpath';
const weightsVolume = 'model-weights-volume';
const localWeightsVolume = 'model-weights-hostpath';
const localWeightsRoot = '/opt/kaito/models';
/** StorageClass over the local NVMe disks of a node. */
const nvmeStorageClass = 'kaito-local-nvme-disk';

export const sharedMemory = {
  volume: { name: 'dshm', emptyDir: { medium: 'Memory' } } satisfies V1Volume,
  mount: { name: 'dshm', mountPath: '/dev/shm' } satisfies V1VolumeMount,
};

/** Volumes and mounts of the main container, in KAITO's order. Adapters come between `volumes` and `lastVolumes`. Source: reference, g.2. */
export interface Storage {
  volumes: V1Volume[];
  lastVolumes: V1Volume[];
  mounts: V1VolumeMount[];
  claims: V1PersistentVolumeClaim[];
}

export function inferenceStorage(
  workspace: Workspace,
  plan: Plan,
  options: { model: PlannedModel; nvme: boolean },
): Storage {
  const storage: Storage = { volumes: [], lastVolumes: [], mounts: [], claims: [] };
  const config = workspace.inference?.config ?? '';
  if (config !== '') {
    storage.volumes.push({ name: 'config-volume', configMap: { name: config } });
    storage.mounts.push({ name: 'config-volume', mountPath: configFolder });
  }
  const local = localWeightsPath(workspace);
  if (local === undefined) {
    storage.mounts.push({ name: weightsVolume, mountPath: weightsFolder });
    if (plan.nvme && options.nvme) storage.claims.push(weightsClaim(workspace, plan));
    else storage.lastVolumes.push({ name: weightsVolume, emptyDir: {} });
  } else {
    storage.volumes.push({ name: localWeightsVolume, hostPath: { path: local, type: 'Directory' } });
    storage.mounts.push({ name: localWeightsVolume, mountPath: local, readOnly: true });
  }
  if (needsCudaToolkit(options.model)) {
    storage.volumes.push({ name: cudaVolume, hostPath: { path: cudaFolder, type: 'DirectoryOrCreate' } });
    storage.mounts.push({ name: cudaVolume, mountPath: cudaFolder, readOnly: true });
  }
  storage.volumes.push(sharedMemory.volume);
  storage.mounts.push(sharedMemory.mount);
  return storage;
}

function weightsClaim({ metadata }: Workspace, plan: Plan): V1PersistentVolumeClaim {
  return {
    metadata: { name: weightsVolume, labels: { [Label.workspace]: metadata.name } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: nvmeStorageClass,
      resources: { requests: { storage: `${plan.diskGiB}Gi` } },
    },
  };
}

/** Folder on the node that holds the weights already; undefined when they are downloaded. Source: reference, a.3 and g.9. */
export function localWeightsPath({ metadata, inference }: Workspace): string | undefined {
  if (metadata.annotations[Annotation.useLocalWeights] !== 'true') return undefined;
  const name = (inference?.preset?.name ?? '').trim().toLowerCase().replaceAll(/[/\\]/g, '-');
  return name === '' || name === '.' || name === '..' ? undefined : `${localWeightsRoot}/${name}`;
}

/** Models whose kernels are compiled on the node with the CUDA toolkit. Source: reference, g.2. */
export function needsCudaToolkit(model: PlannedModel): boolean {
  return usesDeepGemm(model) || runtimeTables.cudaToolkitModels.includes(model.shortName);
}

export function usesDeepGemm(model: PlannedModel): boolean {
  return model.architectures.some((architecture) =>
    runtimeTables.deepGemmArchitectures.includes(architecture),
  );
}
