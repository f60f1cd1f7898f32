import type * as ClientNode from '@kubernetes/client-node';

/** The module `@kubernetes/client-node`, handed around because it is loaded on first use only (62 MB: cold start). */
export type KubernetesClient = typeof ClientNode;

export function loadKubernetesClient(): Promise<KubernetesClient> {
  return import('@kubernetes/client-node');
}
