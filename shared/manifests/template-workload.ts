import type { V1PodTemplateSpec, V1StatefulSet } from './kubernetes-models.ts';
import { Terminal } from '../errors/slipway-error.ts';
import type { Plan } from '../planning/plan.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { workloadName } from './names.ts';
import { ownedMetadata, workloadLabels } from './object-metadata.ts';
import type { RenderOptions } from './rendered-object.ts';
import { inferenceTolerations, nodeAffinity } from './scheduling.ts';

/** The user's own pod template, on the nodes of the Workspace. Source: reference, g.7. */
export function renderTemplateWorkload(
  workspace: Workspace,
  plan: Plan,
  options: RenderOptions,
): V1StatefulSet {
  const labels = workloadLabels(workspace);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: ownedMetadata(workspace, workloadName(workspace), options.ownerUid),
    spec: {
      replicas: plan.nodeCount,
      selector: { matchLabels: labels },
      template: placed(workspace, plan, labels),
    },
  };
}

/** The user's template with affinity replaced, and labels and tolerations added. */
function placed(workspace: Workspace, plan: Plan, labels: Record<string, string>): V1PodTemplateSpec {
  const template: JsonObject = workspace.inference?.template ?? {};
  const metadata = asObject(template['metadata']);
  const spec = { ...asObject(template['spec']) };
  const given: unknown = spec['tolerations'];
  const kept: unknown[] = Array.isArray(given) ? given : [];
  const affinity = nodeAffinity(workspace, { ownNodes: !plan.broughtNodes });
  if (affinity === undefined) delete spec['affinity'];
  else spec['affinity'] = affinity;
  spec['tolerations'] = [...kept, ...inferenceTolerations(plan)];
  const result = {
    ...template,
    metadata: { ...metadata, labels: { ...asObject(metadata['labels']), ...labels } },
    spec,
  };
  if (!isPodTemplate(result))
    throw new Terminal('InvalidTemplate', { message: 'inference.template has no containers' });
  return result;
}

/** Validation has asked for a container; whether the rest is right the API server decides. */
function isPodTemplate(value: { spec: JsonObject }): value is V1PodTemplateSpec & { spec: JsonObject } {
  return Array.isArray(value.spec['containers']);
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
