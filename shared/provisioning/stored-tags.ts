import { texts } from '../kubernetes/cluster-objects.ts';

export { areOurs } from '../lifecycle/pool-tag.ts';

/** Tags hold slashes and times, so objects of Kubernetes carry them as annotations under this prefix. */
const prefix = 'tags.slipway.dev/';

/** The tags of a pool as annotations. */
export function asAnnotations(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** The tags among annotations, and nothing else. */
export function tagsAmong(annotations: unknown): Record<string, string> {
  const entries = Object.entries(texts(annotations)).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
}
