import { ensureObject, isObject, listAt, objectAt, setDefault, stringAt, type JsonObject } from '../json.ts';

/** Defaults of a pod's spec, as core/v1 SetDefaults_PodSpec and its neighbours fill them; templates get the same. */
export function defaultPodSpec(spec: JsonObject): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'securityContext', {});
  setDefault(spec, 'schedulerName', 'default-scheduler');
  for (const container of containersOf(spec)) defaultContainer(container);
  for (const volume of listAt(spec, 'volumes').filter(isObject)) defaultVolume(volume);
  const account = stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount');
  if (account !== undefined) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
}

/** Containers and init containers. */
export function containersOf(spec: JsonObject): JsonObject[] {
  return [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].filter(isObject);
}

function defaultContainer(container: JsonObject): void {
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  setDefault(container, 'imagePullPolicy', pullPolicy(stringAt(container, 'image') ?? ''));
  const resources = ensureObject(container, 'resources');
  const limits = objectAt(resources, 'limits');
  if (limits !== undefined) {
    const requests = ensureObject(resources, 'requests');
    for (const [name, quantity] of Object.entries(limits)) setDefault(requests, name, quantity);
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = objectAt(container, name);
    if (probe !== undefined) defaultProbe(probe);
  }
  for (const port of listAt(container, 'ports').filter(isObject)) setDefault(port, 'protocol', 'TCP');
  for (const variable of listAt(container, 'env')) {
    const reference = objectAt(variable, 'valueFrom', 'fieldRef');
    if (reference !== undefined) setDefault(reference, 'apiVersion', 'v1');
  }
}

/** Without a tag, or with the tag `latest`, an image is always pulled. */
function pullPolicy(image: string): string {
  const tag = /(?:@|:)([^/]*)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonObject): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  const get = objectAt(probe, 'httpGet');
  if (get !== undefined) {
    setDefault(get, 'path', '/');
    setDefault(get, 'scheme', 'HTTP');
  }
  const grpc = objectAt(probe, 'grpc');
  if (grpc !== undefined) setDefault(grpc, 'service', '');
}

/** Files of these sources are readable by their owner and group: 0644. */
const fileMode = 0o644;

function defaultVolume(volume: JsonObject): void {
  if (Object.keys(volume).length === 1 && 'name' in volume) volume['emptyDir'] = {};
  for (const source of ['secret', 'configMap', 'projected', 'downwardAPI']) {
    const files = objectAt(volume, source);
    if (files !== undefined) setDefault(files, 'defaultMode', fileMode);
  }
  const hostPath = objectAt(volume, 'hostPath');
  if (hostPath !== undefined) setDefault(hostPath, 'type', '');
}
