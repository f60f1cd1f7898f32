import { Terminal } from '../errors/slipway-error.ts';
import type { ClusterConnection, ObjectName, Workloads } from '../kubernetes/cluster.ts';
import { readHubModel } from '../planning/hub.ts';
import type { PlanContext } from '../planning/plan.ts';
import { presetOf, type Workspace } from '../workspace/workspace.ts';
import type { Services } from './services.ts';

const tokenKey = 'HF_TOKEN';

/**
 * The facts of a model outside the catalogue, as a plan takes them in, read with the token that the Workspace names.
 * Throws what {@link readHubModel} throws, and `Terminal` with `ModelAccessSecretMissing` or `ModelAccessSecretForbidden`.
 * @param id `org/model`
 */
export async function modelFromHub(
  { hub }: Services,
  connection: ClusterConnection,
  workspace: Workspace,
  id: string,
): Promise<Pick<PlanContext, 'model' | 'modelRevision'>> {
  const token = await tokenOf(connection, workspace, id);
  const { facts, revision } = await readHubModel(id, {
    fetch: hub,
    ...(token === undefined ? {} : { token }),
  });
  return { model: facts, ...(revision === undefined ? {} : { modelRevision: revision }) };
}

/** A Secret that is named must be there: without it the Hub's refusal would be misleading. Source: reference, c.6. */
async function tokenOf(
  { workloads }: ClusterConnection,
  workspace: Workspace,
  id: string,
): Promise<string | undefined> {
  const name = presetOf(workspace)?.presetOptions?.modelAccessSecret ?? '';
  if (name === '') return undefined;
  const { namespace } = workspace.metadata;
  const token = (await readSecret(workloads, { namespace, name }))?.trim();
  if (token !== undefined && token !== '') return token;
  throw new Terminal('ModelAccessSecretMissing', {
    message: `failed to resolve access token for model ${id}: no Secret ${name} with key ${tokenKey} in namespace ${namespace}`,
    remedy: `Create it: kubectl create secret generic ${name} -n ${namespace} --from-literal=${tokenKey}=..., then set the annotation slipway.dev/retry to any new value.`,
  });
}

/** The deployment's role has no secrets: each one that is to be read is granted by its owner. */
async function readSecret(workloads: Workloads, secret: ObjectName): Promise<string | undefined> {
  try {
    return await workloads.readSecret(secret, tokenKey);
  } catch (error) {
    if (!(error instanceof Terminal) || error.code !== 'Forbidden') throw error;
    throw new Terminal('ModelAccessSecretForbidden', {
      message: error.message,
      remedy: `Allow it: kubectl create role slipway-hub-token -n ${secret.namespace} --verb=get --resource=secrets --resource-name=${secret.name}, and bind it to the function app's identity.`,
      cause: error,
    });
  }
}
