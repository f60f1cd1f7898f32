import type { V1Volume, V1VolumeMount } from './kubernetes-models.ts';
import { partName } from './names.ts';

const prefix = 'docker-config-';

/** Registry credentials for a puller: each secret as a file of its own, which the pull script tries in turn. Source: reference, h. */
export function pullSecretsVolume(
  owner: { name: string; kind: 'inference-adapter' | 'tuning-input' },
  secrets: readonly string[],
): { volume: V1Volume; mount: V1VolumeMount } {
  const name = partName(prefix, owner.name, `-${owner.kind}`);
  const sources = secrets.map((secret) => ({
    secret: { name: secret, items: [{ key: '.dockerconfigjson', path: `${secret}.json` }] },
  }));
  return {
    volume: { name, projected: { sources } },
    mount: { name, mountPath: `/root/.docker/config.d/${name.slice(prefix.length)}` },
  };
}
