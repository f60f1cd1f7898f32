import type { ProvisionerSettings } from '../config/provisioner-settings.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';

/** What the rules of admission must know of a cluster, from where its nodes come from. */
export function admissionOf(provisioner: ProvisionerSettings | undefined): Partial<AdmissionContext> {
  switch (provisioner?.kind) {
    case 'byo':
      return { provisioning: 'byo', nodeAllocation: 'fixed' };
    case 'karpenter':
      return {
        nodeAllocation: 'fixed',
        ...(provisioner.nodeClasses.length === 0 ? {} : { nodeClasses: provisioner.nodeClasses }),
      };
    case undefined:
      return {};
    case 'agentPool':
      return provisioner.nodeAllocation === undefined ? {} : { nodeAllocation: provisioner.nodeAllocation };
  }
}
