/** Writes to the store in `file` until it is killed, telling on standard output what it was told is written. */
import { SteppedClock } from '../../../../infra/local/clock/stepped-clock.ts';
import { createKubernetesApi } from '../../../../infra/local/kubernetes/server.ts';
import { configMap, resource } from './manifests.ts';

const [file = ':memory:', round = '0'] = process.argv.slice(2);
const { store } = createKubernetesApi({ clock: new SteppedClock(), file, clusterName: 'durable' });
for (let index = 0; ; index++) {
  const name = `map-${round}-${index}`;
  store.create(configMap(name));
  const changed = store.mutate(resource.configMaps, { namespace: 'default', name }, (object) => {
    object['data'] = { index: String(index) };
  });
  // Synchronous, so that what is told is known before the kill can come.
  process.stdout.write(`${name} ${changed?.metadata.resourceVersion ?? ''}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
