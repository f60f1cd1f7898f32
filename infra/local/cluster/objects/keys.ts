import { createHash } from 'node:crypto';
import type { ObjectKey, OwnerReference, StoredObject } from '../../kubernetes/contract.ts';

/** `namespace/name`, or `name` of a cluster-scoped object. */
export function keyText({ namespace, name }: ObjectKey): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The reverse of `keyText`. */
export function parseKey(text: string): ObjectKey & { namespace: string } {
  const slash = text.indexOf('/');
  return slash < 0
    ? { namespace: '', name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

export function controllerOf(object: StoredObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** The reference that makes `owner` the controller of what it creates. */
export function controllerReference(owner: StoredObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name suffix that follows from `subject`, in the letters Kubernetes uses for generated names. */
export function shortHash(subject: unknown, length: number): string {
  const digest = createHash('sha256').update(JSON.stringify(subject)).digest();
  return [...digest.subarray(0, length)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
}
