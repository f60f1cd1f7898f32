import type { V1Container, V1LocalObjectReference, V1Volume, V1VolumeMount } from './kubernetes-models.ts';
import { images } from '../../presets/catalogue.ts';
import type { Plan } from '../planning/plan.ts';
import { normaliseImage } from '../workspace/names.ts';
import type { Tuning } from '../workspace/workspace.ts';
import { quoted } from './pull-script.ts';
import { asVolume } from './user-volume.ts';

const resultsVolume = 'results-volume';
const credentialsVolume = 'docker-config';

interface OutputParts {
  containers: V1Container[];
  volumes: V1Volume[];
  mounts: V1VolumeMount[];
  imagePullSecrets: V1LocalObjectReference[];
}

/** Where the adapter goes: a volume, which wins, or an image that a second container pushes. Source: reference, i.4. */
export function outputParts({ output }: Tuning, plan: Plan): OutputParts {
  const mount: V1VolumeMount = { name: resultsVolume, mountPath: plan.outputDirectory };
  const { volumeSource, image = '', imagePushSecret = '' } = output;
  if (volumeSource !== undefined) {
    return {
      containers: [],
      volumes: [asVolume(resultsVolume, volumeSource)],
      mounts: [mount],
      imagePullSecrets: [],
    };
  }
  const credentials: V1Volume = {
    name: credentialsVolume,
    projected: {
      sources: [
        { secret: { name: imagePushSecret, items: [{ key: '.dockerconfigjson', path: 'config.json' }] } },
      ],
    },
  };
  return {
    containers: [pusher(image, plan, mount), pause],
    volumes: [{ name: resultsVolume, emptyDir: {} }, credentials],
    mounts: [mount],
    imagePullSecrets: [{ name: imagePushSecret }],
  };
}

function pusher(image: string, plan: Plan, results: V1VolumeMount): V1Container {
  return {
    name: 'pusher',
    image: images.pusher,
    command: ['/bin/sh', '-c'],
    args: [pushScript(normaliseImage(image), plan)],
    volumeMounts: [results, { name: credentialsVolume, mountPath: '/root/.docker' }],
  };
}

/** Keeps the pod's processes in one namespace alive until the push is done; the pusher ends it. */
const pause: V1Container = { name: 'pause', image: images.pause, imagePullPolicy: 'Always' };

/**
 * Waits for the trainer's mark, packs the adapter under `data/` into one layer, pushes it, and ends the pause container. A trainer
 * that ends without its mark ends both: else the pod, and the node under it, would stay for ever. It is looked for by its command
 * line, which all containers of the pod see; the brackets keep the pattern from finding itself.
 */
function pushScript(image: string, plan: Plan): string {
  return `set -eu
results=${quoted(plan.outputDirectory)}
started=false
until [ -f "$results/fine_tuning_completed.txt" ]; do
  if pgrep -f '[f]ine_tuning.py' >/dev/null; then started=true
  elif [ "$started" = true ] && [ ! -f "$results/fine_tuning_completed.txt" ]; then
    echo 'the trainer ended without a result' >&2
    pkill -SIGTERM pause || true
    exit 1
  fi
  sleep 5
done
work=$(mktemp -d)
mkdir -p "$work/data"
cp "$results/adapter_config.json" "$results/adapter_model.safetensors" "$work/data/"
tar -czf "$work/layer.tar.gz" -C "$work" data
cd "$work"
oras push ${quoted(image)} --annotation ${quoted(`sh.kaito.model.name=${plan.preset}`)} layer.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip
pkill -SIGTERM pause || true
`;
}
