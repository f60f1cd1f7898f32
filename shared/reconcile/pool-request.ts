import { expiryOf } from '../lifecycle/expiry.ts';
import { formatKey } from '../lifecycle/workspace-key.ts';
import type { Allocation } from '../lifecycle/slipway-status.ts';
import { nodeLabels, nodeOsSku, nodeTaints } from '../manifests/node-pool.ts';
import type { PoolRequest } from '../provisioning/node-provisioner.ts';
import { PoolTag } from '../provisioning/node-provisioner.ts';
import { Annotation, userNodeLabels } from '../workspace/annotations.ts';
import { noFindings } from '../workspace/fault.ts';
import { readLifetimeOptions } from '../workspace/lifetime-options.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Services } from './services.ts';

/** The pool that an allocation wishes for. Its size may be a fallback: labels are those of what is really asked for. */
export function toPoolRequest(order: {
  services: Services;
  cluster: string;
  workspace: Workspace;
  uid: string;
  allocation: Allocation;
}): PoolRequest {
  const { services, cluster, workspace, uid, allocation } = order;
  const { namespace, name } = workspace.metadata;
  const { instanceType } = allocation;
  const nodeClass = workspace.metadata.annotations[Annotation.nodeClassName] ?? '';
  return {
    name: allocation.pool,
    instanceType,
    count: allocation.count,
    diskGiB: allocation.diskGiB,
    labels: nodeLabels({ ...workspace, resource: { ...workspace.resource, instanceType } }),
    userLabels: userNodeLabels(workspace.resource.labelSelector.matchLabels),
    taints: nodeTaints(),
    tags: {
      [PoolTag.workspace]: formatKey({ cluster, namespace, name }),
      [PoolTag.uid]: uid,
      [PoolTag.generation]: String(allocation.generation),
      [PoolTag.owner]: services.owner,
      ...expiryTag(workspace),
    },
    osSku: nodeOsSku(workspace),
    placement: allocation.placement,
    ...(allocation.sharing === undefined ? {} : { sharing: allocation.sharing }),
    ...(nodeClass === '' ? {} : { nodeClass }),
  };
}

/** Whoever reads the bill sees when the nodes were to go; a limit that is changed later is told by the record alone. */
function expiryTag({ metadata }: Workspace): Record<string, string> {
  const lifetime = readLifetimeOptions(metadata.annotations, noFindings());
  const expiry = expiryOf({ createdAt: metadata.creationTimestamp ?? '', lifetime });
  return expiry === null ? {} : { [PoolTag.expires]: expiry.at };
}
