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

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** core/v1 SetDefaults_Service, cluster IP allocation on creation. */
export const services: Behaviour = {
  defaults(service) {
    const spec = ensureObject(service, 'spec');
    setDefault(spec, 'sessionAffinity', 'None');
    setDefault(spec, 'type', 'ClusterIP');
    if (spec['type'] !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
    for (const port of listAt(spec, 'ports').filter(isObject)) {
      setDefault(port, 'protocol', 'TCP');
      setDefault(port, 'targetPort', port['port']);
    }
    if (spec['type'] === 'LoadBalancer' || spec['type'] === 'NodePort') {
      setDefault(spec, 'externalTrafficPolicy', 'Cluster');
    }
    if (spec['type'] === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  },
  admit(service, admission) {
    const spec = ensureObject(service, 'spec');
    service['status'] = { loadBalancer: {} };
    if (spec['type'] === 'ExternalName') return;
    if (!spec['clusterIP']) spec['clusterIP'] = admission.allocateClusterIp();
    setDefault(spec, 'clusterIPs', [spec['clusterIP']]);
    setDefault(spec, 'ipFamilies', ['IPv4']);
    setDefault(spec, 'ipFamilyPolicy', 'SingleStack');
  },
  carryOver(service, old) {
    const spec = ensureObject(service, 'spec');
    const before = objectAt(old, 'spec') ?? {};
    if (spec['type'] === 'ExternalName') return;
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
      if (!spec[field] && before[field] !== undefined) spec[field] = structuredClone(before[field]);
    }
  },
  validate(service, old) {
    const spec = objectAt(service, 'spec') ?? {};
    const causes = validatePorts(spec);
    if (!types.includes(stringAt(spec, 'type') ?? ''))
      causes.push(fault.unsupported('spec.type', spec['type'], types));
    const [before, after] = [stringAt(old, 'spec', 'clusterIP'), stringAt(spec, 'clusterIP')];
    if (old !== undefined && before && spec['type'] !== 'ExternalName' && !equalJson(before, after)) {
      causes.push(fault.invalid('spec.clusterIPs[0]', [after], 'may not change once set'));
    }
    return causes;
  },
};

function validatePorts(spec: JsonObject): StatusCause[] {
  const ports = listAt(spec, 'ports');
  const causes: StatusCause[] = [];
  if (ports.length === 0 && spec['clusterIP'] !== 'None' && spec['type'] !== 'ExternalName') {
    causes.push(fault.required('spec.ports'));
  }
  const seen = new Set<string>();
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`;
    const number = isObject(port) ? port['port'] : undefined;
    if (typeof number !== 'number' || number < 1 || number > 65_535) {
      causes.push(fault.invalid(`${at}.port`, number ?? 0, 'must be between 1 and 65535, inclusive'));
    }
    const name = stringAt(port, 'name');
    if (ports.length > 1 && !name) causes.push(fault.required(`${at}.name`));
    if (name && seen.has(name)) causes.push(fault.duplicate(`${at}.name`, name));
    if (name) seen.add(name);
  });
  return causes;
}
