import type { NodeFacts } from '../planning/node-facts.ts';

/** What the rules must know of the deployment and the cluster; everything has a default. */
export interface AdmissionContext {
  /** `auto`: Slipway adds nodes for the Workspace. `byo`: it uses existing nodes. KAITO's node auto-provisioning on and off. */
  provisioning: 'auto' | 'byo';
  /** KAITO's feature gates enableMIG, enableAccelerator and ModelStreaming; the last is off unless given. */
  gates: { mig: boolean; accelerator: boolean; modelStreaming?: boolean };
  /** The nodes of the cluster, for the memory check of bring-your-own mode; undefined leaves that check to planning. */
  nodes?: readonly NodeFacts[];
  /** Data of a ConfigMap, undefined when there is none; without this reader ConfigMaps are checked when planning. */
  configMap?: (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;
}

export const defaultAdmission: AdmissionContext = {
  provisioning: 'auto',
  gates: { mig: false, accelerator: false },
};
