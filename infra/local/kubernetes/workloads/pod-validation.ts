import { equalJson, isObject, listAt, objectAt, stringAt, type JsonObject } from '../json.ts';
import { fault, type StatusCause } from '../status.ts';
import { parseQuantity } from './quantity.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Faults of a pod's spec, or a template's, that the schema cannot tell: required parts, references, quantities. `claims` are
 * volumes that the pods get besides those of the spec.
 */
export function validatePodSpec(
  spec: JsonObject,
  path: string,
  claims: readonly (string | undefined)[] = [],
): StatusCause[] {
  const containers = listAt(spec, 'containers').filter(isObject);
  const named = listAt(spec, 'volumes').map((volume) => stringAt(volume, 'name'));
  const volumes = new Set([...named, ...claims]);
  const causes = containers.length === 0 ? [fault.required(`${path}.containers`)] : [];
  const names = new Set<string>();
  for (const list of ['initContainers', 'containers']) {
    listAt(spec, list)
      .filter(isObject)
      .forEach((container, index) => {
        const at = `${path}.${list}[${index}]`;
        causes.push(...validateContainer(container, volumes, at));
        const name = stringAt(container, 'name') ?? '';
        if (names.has(name)) causes.push(fault.duplicate(`${at}.name`, name));
        names.add(name);
      });
  }
  return [...causes, ...validateVolumes(spec, path), ...validateTolerations(spec, path)];
}

function validateContainer(
  container: JsonObject,
  volumes: Set<string | undefined>,
  at: string,
): StatusCause[] {
  const causes: StatusCause[] = [];
  const name = stringAt(container, 'name');
  if (!name) causes.push(fault.required(`${at}.name`));
  else if (!dnsLabel.test(name) || name.length > 63)
    causes.push(fault.invalid(`${at}.name`, name, 'must be a DNS label'));
  if (!stringAt(container, 'image')) causes.push(fault.required(`${at}.image`));
  listAt(container, 'volumeMounts').forEach((mount, index) => {
    const volume = stringAt(mount, 'name');
    if (!volumes.has(volume)) {
      causes.push({
        reason: 'FieldValueNotFound',
        message: `Not found: "${volume}"`,
        field: `${at}.volumeMounts[${index}].name`,
      });
    }
    if (!stringAt(mount, 'mountPath')) causes.push(fault.required(`${at}.volumeMounts[${index}].mountPath`));
  });
  listAt(container, 'env').forEach((variable, index) => {
    if (!stringAt(variable, 'name')) causes.push(fault.required(`${at}.env[${index}].name`));
    if (isObject(variable) && variable['value'] && variable['valueFrom'] !== undefined) {
      causes.push(
        fault.invalid(`${at}.env[${index}].valueFrom`, '', 'may not be specified when `value` is not empty'),
      );
    }
  });
  listAt(container, 'ports').forEach((port, index) => {
    const number = isObject(port) ? port['containerPort'] : undefined;
    if (typeof number !== 'number' || number < 1 || number > 65_535) {
      causes.push(
        fault.invalid(
          `${at}.ports[${index}].containerPort`,
          number,
          'must be between 1 and 65535, inclusive',
        ),
      );
    }
  });
  return [
    ...causes,
    ...validateProbes(container, at),
    ...validateResources(objectAt(container, 'resources') ?? {}, `${at}.resources`),
  ];
}

function validateProbes(container: JsonObject, at: string): StatusCause[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = objectAt(container, name);
    if (probe === undefined) return [];
    const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter(
      (handler) => probe[handler] !== undefined,
    );
    return handlers.length === 1
      ? []
      : [fault.required(`${at}.${name}`, 'must specify exactly one handler type')];
  });
}

function validateResources(resources: JsonObject, at: string): StatusCause[] {
  const limits = objectAt(resources, 'limits') ?? {};
  const requests = objectAt(resources, 'requests') ?? {};
  const causes: StatusCause[] = [];
  for (const [kind, quantities] of Object.entries({ limits, requests })) {
    for (const [name, quantity] of Object.entries(quantities)) {
      const number = parseQuantity(quantity);
      if (number === undefined || number < 0) {
        causes.push(fault.invalid(`${at}.${kind}[${name}]`, quantity, 'must be a non-negative quantity'));
      } else if (isExtended(name) && !Number.isInteger(number)) {
        causes.push(fault.invalid(`${at}.${kind}[${name}]`, quantity, 'must be an integer'));
      }
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (isExtended(name)) {
      // Extended resources (GPUs) cannot be overcommitted: a limit is required and equals the request.
      if (limit === undefined)
        causes.push(fault.required(`${at}.limits`, 'Limit must be set for non overcommitable resources'));
      else if (parseQuantity(limit) !== parseQuantity(request)) {
        causes.push(
          fault.invalid(
            `${at}.requests`,
            request,
            `must be equal to ${name} limit of ${JSON.stringify(limit)}`,
          ),
        );
      }
    } else if (limit !== undefined && (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0)) {
      causes.push(
        fault.invalid(
          `${at}.requests`,
          request,
          `must be less than or equal to ${name} limit of ${JSON.stringify(limit)}`,
        ),
      );
    }
  }
  return causes;
}

function isExtended(resource: string): boolean {
  return resource.includes('/') && !resource.includes('kubernetes.io/');
}

function validateVolumes(spec: JsonObject, path: string): StatusCause[] {
  const seen = new Set<string>();
  return listAt(spec, 'volumes').flatMap((volume, index) => {
    const at = `${path}.volumes[${index}]`;
    const name = stringAt(volume, 'name');
    if (!name) return [fault.required(`${at}.name`)];
    if (seen.has(name)) return [fault.duplicate(`${at}.name`, name)];
    seen.add(name);
    const sources = Object.keys(isObject(volume) ? volume : {}).length - 1;
    return sources > 1 ? [fault.forbidden(at, 'may not specify more than 1 volume type')] : [];
  });
}

function validateTolerations(spec: JsonObject, path: string): StatusCause[] {
  return listAt(spec, 'tolerations').flatMap((toleration, index) => {
    const [operator, value] = [stringAt(toleration, 'operator') ?? 'Equal', stringAt(toleration, 'value')];
    const at = `${path}.tolerations[${index}].operator`;
    if (operator !== 'Equal' && operator !== 'Exists')
      return [fault.unsupported(at, operator, ['Equal', 'Exists'])];
    return operator === 'Exists' && value
      ? [fault.invalid(at, value, "value must be empty when `operator` is 'Exists'")]
      : [];
  });
}

/** Faults of a workload's selector and template: the selector must match the template's own labels. */
export function validateTemplate(object: JsonObject, old: JsonObject | undefined): StatusCause[] {
  const spec = objectAt(object, 'spec');
  if (spec === undefined) return [fault.required('spec')];
  const selector = objectAt(spec, 'selector');
  const causes: StatusCause[] = [];
  const wanted = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  if (selector === undefined) causes.push(fault.required('spec.selector'));
  else if (wanted.length === 0 && listAt(selector, 'matchExpressions').length === 0) {
    causes.push(fault.invalid('spec.selector', selector, 'empty selector is invalid for this kind'));
  }
  const labels = objectAt(spec, 'template', 'metadata', 'labels') ?? {};
  if (wanted.some(([key, value]) => labels[key] !== value)) {
    causes.push(
      fault.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  }
  if (old !== undefined && !equalJson(selector, objectAt(old, 'spec', 'selector'))) {
    causes.push(fault.invalid('spec.selector', selector, 'field is immutable'));
  }
  const replicas = spec['replicas'];
  if (typeof replicas === 'number' && replicas < 0) {
    causes.push(fault.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
  }
  const claims = listAt(spec, 'volumeClaimTemplates').map((claim) => stringAt(claim, 'metadata', 'name'));
  const pod = objectAt(spec, 'template', 'spec') ?? {};
  return [...causes, ...validatePodSpec(pod, 'spec.template.spec', claims)];
}
