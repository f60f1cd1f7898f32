import type { ClusterConnection, CustomResource } from '../kubernetes/cluster.ts';
import type { PlanContext, PlanResult } from '../planning/plan.ts';
import { planWorkspace } from '../planning/plan.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { modelFromHub, pinnedModel } from './hub-model.ts';
import type { Services } from './services.ts';

/** Plans a workspace for another size than it names; an empty one stands for the nodes its user brings. */
export type PlanFor = (instanceType: string) => Promise<PlanResult>;

/** Reads once what plans for all sizes need: the user's ConfigMaps, and the model's facts where those are on the Hub. */
export async function plannerOf(
  services: Services,
  connection: ClusterConnection,
  { record, workspace }: { record: CustomResource; workspace: Workspace },
): Promise<PlanFor> {
  let context = await contextOf(connection, workspace, services.admission(connection.name));
  const planned = new Map<string, PlanResult>();
  return async (instanceType) => {
    const known = planned.get(instanceType);
    if (known !== undefined) return known;
    const sized = withSize(workspace, instanceType);
    let result = planWorkspace(sized, context);
    if (!result.ok && result.needs !== undefined) {
      const wanted = pinnedModel(record, result.needs);
      context = { ...context, ...(await modelFromHub(services, connection, workspace, wanted)) };
      result = planWorkspace(sized, context);
    }
    planned.set(instanceType, result);
    return result;
  };
}

function withSize(workspace: Workspace, instanceType: string): Workspace {
  return instanceType === ''
    ? workspace
    : { ...workspace, resource: { ...workspace.resource, instanceType } };
}

/** The user's ConfigMaps, as planning takes them in, and the nodes of a cluster whose users bring them: their labels tell the GPUs. */
export async function contextOf(
  { workloads }: ClusterConnection,
  { metadata, inference, tuning }: Workspace,
  { provisioning }: Partial<AdmissionContext>,
): Promise<PlanContext> {
  const { namespace } = metadata;
  const read = async (map: string | undefined, key: string): Promise<string | null | undefined> =>
    map === undefined || map === ''
      ? undefined
      : ((await workloads.readConfig({ namespace, name: map }, key)) ?? null);
  const inferenceConfig = await read(inference?.config, 'inference_config.yaml');
  const trainingConfig = await read(tuning?.config, 'training_config.yaml');
  return {
    ...(provisioning === 'byo' ? { provisioning, nodes: await workloads.nodes() } : {}),
    ...(inferenceConfig === undefined ? {} : { inferenceConfig }),
    ...(trainingConfig === undefined ? {} : { trainingConfig }),
  };
}
