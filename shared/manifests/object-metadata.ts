import type { V1ObjectMeta, V1OwnerReference } from './kubernetes-models.ts';
import { Label } from '../workspace/annotations.ts';
import { kind, type Workspace } from '../workspace/workspace.ts';

export const managedBySlipway = { [Label.managedBy]: 'slipway' } as const;

/** Labels that the workload's pods carry and its selector asks for. Source: reference, g.1. */
export function workloadLabels(workspace: Workspace): Record<string, string> {
  const labels: Record<string, string> = { [Label.workspace]: workspace.metadata.name };
  for (const key of [Label.inferenceSet, Label.multiRoleInference, Label.inferenceRole]) {
    const value = workspace.metadata.labels[key];
    if (value !== undefined) labels[key] = value;
  }
  return labels;
}

/** Metadata of an object that belongs to a Workspace and goes when it goes. */
export function ownedMetadata(workspace: Workspace, name: string, ownerUid: string): V1ObjectMeta {
  return {
    name,
    namespace: workspace.metadata.namespace,
    labels: { ...workloadLabels(workspace), ...managedBySlipway },
    ownerReferences: [ownerReference(workspace, ownerUid)],
  };
}

function ownerReference(workspace: Workspace, uid: string): V1OwnerReference {
  return {
    apiVersion: 'kaito.sh/v1beta1',
    kind,
    name: workspace.metadata.name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
