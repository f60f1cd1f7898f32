import { Retryable, SlipwayError } from '../errors/slipway-error.ts';
import type { ProvisioningFailure } from './node-provisioner.ts';
import { ProvisioningError } from './node-provisioner.ts';

/** Runs a call to the cluster; what its ports throw comes out in this port's terms. */
export async function inPortTerms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof SlipwayError ? fromClusterError(thrown) : thrown;
  }
}

/** An error of the cluster's ports (see `kubernetes/cluster.ts`) as a classified failure. Codes are kept where they say enough. */
function fromClusterError(error: SlipwayError): ProvisioningError {
  if (error instanceof ProvisioningError) return error;
  return new ProvisioningError(failureOf(error), error);
}

function failureOf(error: SlipwayError): ProvisioningFailure {
  const { code, message } = error;
  const facts = { message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) };
  const later =
    error instanceof Retryable && error.retryAfterSeconds !== undefined
      ? { retryAfterSeconds: error.retryAfterSeconds }
      : {};
  switch (code) {
    case 'ClusterNotPrepared':
      return { ...facts, class: 'operator', code: 'KarpenterMissing', message: noKarpenter, remedy: enable };
    case 'TooManyRequests':
      return { ...facts, ...later, class: 'wait', code: 'Throttled' };
    case 'Conflict':
      return { ...facts, ...later, class: 'retry', code: 'PoolChanged' };
    case 'Forbidden':
      return { ...facts, class: 'operator', code: 'Forbidden' };
    default:
      return { ...facts, ...later, class: error instanceof Retryable ? 'retry' : 'bug', code };
  }
}

const noKarpenter = 'The cluster does not serve the API group karpenter.sh.';
const enable =
  'Enable node auto-provisioning (az aks update --node-provisioning-mode Auto), or set another "provisioner" for this cluster.';
