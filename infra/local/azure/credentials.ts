import { stringify } from 'yaml';
import { aksError } from './arm-error.ts';
import type { ArmHandler } from './arm-request.ts';
import { clusterOf } from './look-up.ts';
import type { AzureContext } from './settings.ts';

/** The bearer token that the simulated ARM and Kubernetes accept. */
export const developmentToken = 'development';

/** The application id of "Azure Kubernetes Service AAD Server", the audience of cluster tokens in every public-cloud tenant. */
const serverApplicationId = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** POST listClusterUserCredential: a kubeconfig with server and CA; the user logs in by an exec plug-in, there is no token. */
export const listUserCredential: ArmHandler = (context, request) => {
  const { name } = clusterOf(context, request);
  const user = { exec: execSection(context.subscriptionId) };
  const value = Buffer.from(kubeconfig(context, name, user)).toString('base64');
  return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } };
};

/** POST listClusterAdminCredential: refused, as on every cluster without local accounts. */
export const listAdminCredential: ArmHandler = (context, request) => {
  const { name } = clusterOf(context, request);
  throw aksError(
    400,
    'BadRequest',
    `Getting static credential is not allowed because cluster ${name} is set to disable local accounts.`,
  );
};

/** The kubeconfig text of a cluster for `user`, the `user` section of its one context. */
export function kubeconfig(context: AzureContext, cluster: string, user: Record<string, unknown>): string {
  const userName = `clusterUser_${context.resourceGroup}_${cluster}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    clusters: [
      {
        name: cluster,
        cluster: {
          server: context.kubernetesUrl(cluster),
          'certificate-authority-data': Buffer.from(context.certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name: userName, user }],
    contexts: [{ name: cluster, context: { cluster, user: userName } }],
    'current-context': cluster,
  });
}

function execSection(tenantId: string): Record<string, unknown> {
  return {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'kubelogin',
    args: [
      'get-token',
      '--environment',
      'AzurePublicCloud',
      '--server-id',
      serverApplicationId,
      '--tenant-id',
      tenantId,
      '--login',
      'devicecode',
    ],
    env: null,
    installHint: 'kubelogin is not needed in the simulator: send the bearer token "development".',
    provideClusterInfo: false,
  };
}
