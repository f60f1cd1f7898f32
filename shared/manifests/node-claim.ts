import { createHash } from 'node:crypto';
import { nodePoolMark } from './node-pool.ts';
import type { V1NodeSelectorRequirement, V1ObjectMeta, V1Taint } from './kubernetes-models.ts';
import { gpuTaint } from './scheduling.ts';
import type { Plan } from '../planning/plan.ts';
import { Annotation, Label, nodeImageFamilies, userNodeLabels } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Karpenter's NodeClaim (`karpenter.sh/v1`), as far as KAITO fills it in. */
export interface NodeClaim {
  apiVersion: 'karpenter.sh/v1';
  kind: 'NodeClaim';
  metadata: V1ObjectMeta & { name: string };
  spec: {
    nodeClassRef: { group: string; kind: string; name: string };
    taints: V1Taint[];
    requirements: V1NodeSelectorRequirement[];
    resources: { requests: { storage: string } };
  };
}

export interface NodeClaimOptions {
  /** From `nodeClaimName`: it is written down before the claim is made, so it is not made here. */
  name: string;
  /** Image family where the Workspace names none; KAITO's flag `--default-node-image-family`. */
  defaultImageFamily?: string;
}

/**
 * The claim for one of the `plan.nodeCount` nodes of a Workspace, for AKS. Cluster scoped, yet it carries the namespace of the
 * Workspace, as KAITO's does. Source: reference, f.3.
 */
export function renderNodeClaim(workspace: Workspace, plan: Plan, options: NodeClaimOptions): NodeClaim {
  const { name, namespace, annotations } = workspace.metadata;
  return bareNodeClaim({
    name: options.name,
    namespace,
    labels: {
      ...nodePoolMark,
      [Label.workspace]: name,
      [Label.workspaceNamespace]: namespace,
      ...userNodeLabels(workspace.resource.labelSelector.matchLabels),
    },
    imageFamily: imageFamily(annotations[Annotation.nodeImageFamily], options.defaultImageFamily ?? ''),
    instanceType: plan.instanceType,
    diskGiB: plan.diskGiB,
  });
}

/** What a claim is made of, wherever it is known from. */
export interface NodeClaimFacts {
  name: string;
  /** Of the Workspace. */
  namespace: string;
  labels: Record<string, string>;
  /** Undefined leaves the choice to the provisioner. */
  imageFamily: string | undefined;
  instanceType: string;
  /** OS disk, GiB. */
  diskGiB: number;
}

/** A claim of KAITO's form. Source: reference, f.3. */
export function bareNodeClaim(facts: NodeClaimFacts): NodeClaim {
  const { name, namespace, labels, instanceType } = facts;
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodeClaim',
    metadata: {
      name,
      namespace,
      labels,
      annotations: {
        'karpenter.sh/do-not-disrupt': 'true',
        ...(facts.imageFamily === undefined ? {} : { [Annotation.nodeImageFamily]: facts.imageFamily }),
      },
    },
    spec: {
      nodeClassRef: { group: 'kaito.sh', kind: 'KaitoNodeClass', name: 'default' },
      taints: [{ ...gpuTaint }],
      requirements: [
        { key: 'karpenter.sh/nodepool', operator: 'In', values: ['kaito'] },
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [instanceType] },
        { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
        { key: 'karpenter.azure.com/sku-name', operator: 'In', values: [instanceType] },
      ],
      resources: { requests: { storage: `${facts.diskGiB}Gi` } },
    },
  };
}

/**
 * Name of a claim, and of the agent pool made for it: other for each moment, so that a replacement never meets its predecessor.
 * @param moment any text that tells one claim of a Workspace from another; KAITO takes the current time to the nanosecond
 */
export function nodeClaimName({ metadata }: Workspace, moment: string): string {
  const digest = createHash('sha256').update(`${metadata.namespace}${metadata.name}${moment}`).digest('hex');
  return `ws${digest.slice(0, 9)}`;
}

/** The Workspace's family when it is one, else the deployment's; undefined leaves the choice to the provisioner. */
function imageFamily(wish: string | undefined, fallback: string): string | undefined {
  return known(wish) ?? (fallback === '' ? 'ubuntu' : known(fallback));
}

function known(family: string | undefined): string | undefined {
  const wanted = family?.trim().toLowerCase();
  return nodeImageFamilies.find((each) => each === wanted);
}
