import type { V1Container, V1Volume, V1VolumeMount } from './kubernetes-models.ts';
import { images } from '../../presets/catalogue.ts';
import { normaliseImage } from '../workspace/names.ts';
import type { DataSource } from '../workspace/workspace.ts';
import { pullScript } from './pull-script.ts';
import { pullSecretsVolume } from './pull-secrets.ts';
import { asVolume } from './user-volume.ts';

const dataFolder = '/mnt/data';
const dataVolume = 'data-volume';
const dataMount: V1VolumeMount = { name: dataVolume, mountPath: dataFolder };

interface InputParts {
  initContainers: V1Container[];
  volumes: V1Volume[];
  mounts: V1VolumeMount[];
}

/** What brings the training data to /mnt/data: an image, URLs, or a volume, in this precedence. Source: reference, i.3. */
export function inputParts(source: DataSource): InputParts {
  if ((source.image ?? '') !== '') return fromImage(source, source.image ?? '');
  if ((source.urls?.length ?? 0) > 0) return fromUrls(source.urls ?? []);
  return {
    initContainers: [],
    volumes: [asVolume(dataVolume, source.volumeSource ?? {})],
    mounts: [dataMount],
  };
}

function fromImage(source: DataSource, image: string): InputParts {
  const secrets = pullSecretsVolume(
    { name: source.name ?? '', kind: 'tuning-input' },
    source.imagePullSecrets ?? [],
  );
  const puller: V1Container = {
    name: 'puller',
    image: images.dataPuller,
    command: ['/bin/sh', '-c'],
    args: [pullScript(normaliseImage(image), `${dataFolder}/data`)],
    volumeMounts: [dataMount, secrets.mount],
  };
  return {
    initContainers: [puller],
    volumes: [secrets.volume, { name: dataVolume, emptyDir: {} }],
    mounts: [secrets.mount, dataMount],
  };
}

function fromUrls(urls: readonly string[]): InputParts {
  const downloader: V1Container = {
    name: 'data-downloader',
    image: images.urlDownloader,
    command: ['sh', '-c', downloadScript],
    env: [
      { name: 'DATA_URLS', value: urls.join(' ') },
      { name: 'DATA_VOLUME_PATH', value: dataFolder },
    ],
    volumeMounts: [dataMount],
  };
  return { initContainers: [downloader], volumes: [{ name: dataVolume, emptyDir: {} }], mounts: [dataMount] };
}

/** Each URL gets three tries and must give a file that is not empty. Redirects may not leave HTTP and HTTPS. */
const downloadScript = `set -uf
for url in $DATA_URLS; do
  file="$DATA_VOLUME_PATH/$(basename "\${url%%[?#]*}")"
  try=1
  until code=$(curl -sSL --proto '=http,https' --proto-redir '=http,https' -w '%{http_code}' -o "$file" "$url") && [ "$code" = 200 ] && [ -s "$file" ]; do
    rm -f "$file"
    [ "$try" -lt 3 ] || { echo "cannot download \${url%%\\?*}" >&2; exit 1; }
    try=$((try + 1))
    sleep 2
  done
done
`;
