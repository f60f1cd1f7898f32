import { Annotation, Label, userNodeLabels } from '../workspace/annotations.ts';
import { findGpuSize } from '../planning/gpu-sizes.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { gpuTaint } from './scheduling.ts';

/** Marks a node as made for a Workspace, so that other scalers leave it alone. */
export const nodePoolMark = { 'karpenter.sh/nodepool': 'kaito' } as const;

/**
 * Labels of the agent pool's nodes: the user's, the Workspace they are made for, and what kind of machine they are.
 * `accelerator` is what KAITO adds to its nodes by itself. Source: reference, f.3, f.4 and a.4.
 */
export function nodeLabels(workspace: Workspace): Record<string, string> {
  const { name, namespace } = workspace.metadata;
  const gpu = /Standard_N/i.test(workspace.resource.instanceType ?? '');
  const size = findGpuSize(workspace.resource.instanceType ?? '');
  const amd = size !== undefined && size.computeCapability === undefined;
  return {
    ...nodePoolMark,
    [Label.workspace]: name,
    [Label.workspaceNamespace]: namespace,
    ...userNodeLabels(workspace.resource.labelSelector.matchLabels),
    'kaito.sh/machine-type': gpu ? 'gpu' : 'cpu',
    ...(gpu && !amd ? { accelerator: 'nvidia' } : {}),
  };
}

/** Taints of the pool's nodes, as ARM writes them: `key=value:effect`. */
export function nodeTaints(): string[] {
  return [`${gpuTaint.key}=${gpuTaint.value}:${gpuTaint.effect}`];
}

/** ARM `osSKU` for the annotation `kaito.sh/node-image-family`; Ubuntu unless it says azurelinux. */
export function nodeOsSku(workspace: Workspace): 'Ubuntu' | 'AzureLinux' {
  const family = workspace.metadata.annotations[Annotation.nodeImageFamily]?.trim().toLowerCase();
  return family === 'azurelinux' ? 'AzureLinux' : 'Ubuntu';
}
