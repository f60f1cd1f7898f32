import type { V1Container, V1LocalObjectReference, V1Volume, V1VolumeMount } from './kubernetes-models.ts';
import { images } from '../../presets/catalogue.ts';
import { normaliseImage } from '../workspace/names.ts';
import type { Adapter, DataSource } from '../workspace/workspace.ts';
import { partName } from './names.ts';
import { pullScript } from './pull-script.ts';
import { pullSecretsVolume } from './pull-secrets.ts';
import { asVolume } from './user-volume.ts';

const adapterFolder = '/mnt/adapter';
const imageVolume = 'adapter-volume';

interface AdapterParts {
  initContainers: V1Container[];
  volumes: V1Volume[];
  mounts: V1VolumeMount[];
  imagePullSecrets: V1LocalObjectReference[];
}

/** What adapters add to a pod: pullers for those in images, first; then the volumes of the others. Source: reference, h. */
export function adapterParts(adapters: readonly Adapter[]): AdapterParts {
  const parts: AdapterParts = { initContainers: [], volumes: [], mounts: [], imagePullSecrets: [] };
  const sources = adapters.flatMap(({ source }) => (source === undefined ? [] : [source]));
  const pulled = sources.filter((source) => source.volumeSource === undefined);
  if (pulled.length > 0) {
    parts.volumes.push({ name: imageVolume, emptyDir: {} });
    parts.mounts.push({ name: imageVolume, mountPath: adapterFolder });
  }
  for (const source of pulled) addPuller(parts, source);
  for (const { name = '', volumeSource } of sources) {
    if (volumeSource === undefined) continue;
    const volume = partName(`${imageVolume}-`, name);
    parts.volumes.push(asVolume(volume, volumeSource));
    parts.mounts.push({ name: volume, mountPath: `${adapterFolder}/${name}` });
  }
  const secrets = new Set(sources.flatMap((source) => source.imagePullSecrets ?? []));
  parts.imagePullSecrets = [...secrets].map((name) => ({ name }));
  return parts;
}

function addPuller(parts: AdapterParts, source: DataSource): void {
  const { name = '', image = '', imagePullSecrets = [] } = source;
  const mounts: V1VolumeMount[] = [{ name: imageVolume, mountPath: adapterFolder }];
  if (imagePullSecrets.length > 0) {
    const secrets = pullSecretsVolume({ name, kind: 'inference-adapter' }, imagePullSecrets);
    parts.volumes.push(secrets.volume);
    mounts.push(secrets.mount);
  }
  parts.initContainers.push({
    name: partName('puller-', name),
    image: images.dataPuller,
    command: ['/bin/sh', '-c'],
    args: [pullScript(normaliseImage(image), `${adapterFolder}/${name}`)],
    volumeMounts: mounts,
  });
}
