/** Syntax of Kubernetes names. Source: k8s.io/apimachinery, util/validation. */
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && dnsLabel.test(text);
}

export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && dnsSubdomain.test(text);
}

/** A label or annotation key: `name` or `prefix.domain/name`. */
export function isQualifiedKey(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const validPrefix = slash === -1 || isDnsSubdomain(text.slice(0, slash));
  return validPrefix && name.length <= 63 && qualifiedName.test(name);
}

export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && qualifiedName.test(text));
}

/** Component of an image's repository path, and the whole reference. Source: distribution/reference, `reference.go`. */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const domain =
  '(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
const imageReference = new RegExp(
  `^(?:${domain}/)?${component}(?:/${component})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** Whether a container image reference can be parsed, as Docker does. */
export function isImageReference(text: string): boolean {
  return text.length <= 512 && imageReference.test(text);
}

/**
 * The full form of an image reference, as Docker normalises it: `docker.io/library/x:latest` for `x`.
 * The first part is a registry when it has a dot or a port, or is `localhost`.
 */
export function normaliseImage(text: string): string {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  const registry = !hasRegistry || first === 'index.docker.io' ? 'docker.io' : first;
  const path = hasRegistry ? text.slice(slash + 1) : text;
  const full = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  const lastPart = full.slice(full.lastIndexOf('/') + 1);
  const tagged = lastPart.includes(':') || lastPart.includes('@');
  return `${registry}/${full}${tagged ? '' : ':latest'}`;
}
