import type { NodeFacts } from '../planning/node-facts.ts';

/** What the rules must know of the deployment and the cluster; everything has a default. */
export interface AdmissionContext {
  /** `auto`: Slipway adds nodes for the Workspace. `byo`: it uses existing nodes. KAITO's node auto-provisioning on and off. */
  provisioning: 'auto' | 'byo';
  /** KAITO's feature gates enableMIG, enableAccelerator, ModelStreaming (off unless given) and vLLM (on unless given). */
  gates: { mig: boolean; accelerator: boolean; modelStreaming?: boolean; vllm?: boolean };
  /** The nodes of the cluster, for the memory check of bring-your-own mode; undefined leaves that check to planning. */
  nodes?: readonly NodeFacts[];
  /** Data of a ConfigMap, undefined when there is none, an Error when it cannot be read; without this reader ConfigMaps are checked when planning. */
  configMap?: (namespace: string, name: string) => Readonly<Record<string, string>> | Error | undefined;
  /** Names of the NodeClasses that `kaito.sh/node-class-name` may choose from; given only where Karpenter adds the nodes. */
  nodeClasses?: readonly string[];
  /** `shared`: workspaces that do not choose share their nodes' pool. `fixed`: the cluster's nodes leave no choice. Absent: a pool each. */
  nodeAllocation?: 'shared' | 'fixed';
  /** CSI drivers of the cluster, for model streaming; undefined where nobody has looked. */
  csiDrivers?: readonly string[];
}

export const defaultAdmission: AdmissionContext = {
  provisioning: 'auto',
  gates: { mig: false, accelerator: false },
};
