import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import { Retryable, Terminal } from '../errors/slipway-error.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import { FailureClass } from '../provisioning/node-provisioner.ts';
import { withTimeout } from './container-service.ts';
import { toProvisioningError } from './from-thrown.ts';
import type { ManagedClusterId } from './resource-id.ts';

/** The AKS server application of the public cloud, the same in every tenant: the audience of tokens for the cluster. */
const aksScope = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';

/**
 * Access by ARM: server and CA from the cluster's user kubeconfig, the token from our own credential (the kubeconfig's exec
 * section would need kubelogin on PATH, which a Function has not).
 */
export function accessByArm(options: {
  client: ContainerServiceClient;
  cluster: ManagedClusterId;
  credential: TokenCredential;
}): ClusterAccess {
  const { client, cluster, credential } = options;
  return {
    async load() {
      const { resourceGroup, clusterName } = cluster;
      const answer = await client.managedClusters
        .listClusterUserCredentials(resourceGroup, clusterName, { format: 'exec', ...withTimeout() })
        .catch((thrown: unknown) => {
          throw unreachable(clusterName, thrown);
        });
      const value = answer.kubeconfigs?.[0]?.value;
      if (value === undefined) throw noKubeconfig(clusterName);
      return { kubeconfig: Buffer.from(value).toString('utf8'), token: () => clusterToken(credential) };
    },
  };
}

/** Access by a kubeconfig file, for any cluster at all; read again after a 401. */
export function accessByFile(path: string): ClusterAccess {
  return {
    async load() {
      try {
        return { kubeconfig: await readFile(path, 'utf8'), directory: dirname(resolve(path)) };
      } catch (cause) {
        throw new Retryable('ClusterUnreachable', {
          message: `The kubeconfig file ${path} cannot be read.`,
          remedy: 'Check kubeconfig of this cluster in SLIPWAY_CLUSTERS.',
          cause,
        });
      }
    },
  };
}

async function clusterToken(credential: TokenCredential): Promise<string> {
  try {
    const answer = await credential.getToken(aksScope, withTimeout());
    if (answer !== null) return answer.token;
  } catch (cause) {
    throw new Retryable('ClusterUnreachable', {
      message: 'No token for the cluster could be had from Microsoft Entra ID.',
      remedy: "Check the function app's identity and AZURE_CLIENT_ID.",
      cause,
    });
  }
  throw new Retryable('ClusterUnreachable', { message: 'Microsoft Entra ID gave no token for the cluster.' });
}

function unreachable(clusterName: string, thrown: unknown): Terminal | Retryable {
  const { failure } = toProvisioningError(thrown);
  const facts = {
    message: `The credentials of cluster ${clusterName} could not be listed: ${failure.message}`,
    cause: thrown,
  };
  if (failure.class === FailureClass.Operator && failure.code === 'AuthorizationFailed') {
    return new Terminal('Forbidden', {
      ...facts,
      remedy: 'Grant the role "Azure Kubernetes Service Cluster User Role" on the cluster.',
    });
  }
  return new Retryable('ClusterUnreachable', { ...facts, retryAfterSeconds: failure.retryAfterSeconds });
}

function noKubeconfig(clusterName: string): Retryable {
  return new Retryable('ClusterUnreachable', {
    message: `ARM listed no user kubeconfig for cluster ${clusterName}.`,
  });
}
