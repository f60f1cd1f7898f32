import { Retryable } from '../errors/slipway-error.ts';
import { workloadRevisionAnnotation } from '../kubernetes/labels.ts';
import type { Plan } from '../planning/plan.ts';
import { renderWorkload } from '../manifests/workload.ts';
import type { RenderedObject } from '../manifests/rendered-object.ts';
import type { Services } from './services.ts';
import type { Seen } from './workspace-turn.ts';
import { readSeen } from './workspace-turn.ts';

/** KAITO's storage class for local NVMe disks; weights go there when it exists. */
export const localNvmeStorageClass = 'kaito-local-nvme-disk';

/** Renders and applies (server-side apply) what serves or tunes. Returns how many objects. */
export async function applyWorkload(
  services: Services,
  seen: Seen,
  plan: Plan,
  revision: string,
): Promise<number> {
  const { connection } = await services.cluster(seen.cluster);
  await connection.system.checkOwnership(services.owner);
  const workspace = await readSeen(services, seen);
  if (workspace === undefined) {
    throw new Retryable('Conflict', {
      message: `workspace ${seen.namespace}/${seen.name} changed before its workload was applied`,
    });
  }
  const objects = renderWorkload(workspace, plan, {
    ownerUid: seen.uid,
    localNvmeStorageClass:
      plan.nvme && (await connection.workloads.storageClassExists(localNvmeStorageClass)),
  });
  await connection.workloads.apply(objects.map((object) => withRevision(object, revision)));
  return objects.length;
}

function withRevision(object: RenderedObject, revision: string): RenderedObject {
  const annotations = { ...object.metadata?.annotations, [workloadRevisionAnnotation]: revision };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
