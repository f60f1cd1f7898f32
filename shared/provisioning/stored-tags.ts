import { texts } from '../kubernetes/cluster-objects.ts';
import { PoolTag } from './node-provisioner.ts';

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

/** Whether Slipway made what carries these tags: all that it puts on every pool. */
export function areOurs(tags: Readonly<Record<string, string>>): boolean {
  return [PoolTag.workspace, PoolTag.uid, PoolTag.owner].every((name) => (tags[name] ?? '') !== '');
}
