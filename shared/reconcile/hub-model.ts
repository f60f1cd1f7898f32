import { Terminal } from '../errors/slipway-error.ts';
import type { ClusterConnection, CustomResource, ObjectName, Workloads } from '../kubernetes/cluster.ts';
import { readStoredStatus } from '../lifecycle/read-status.ts';
import { readHubModel } from '../planning/hub.ts';
import type { PlanContext } from '../planning/plan.ts';
import { isRecord } from '../workspace/json-object.ts';
import { presetOf, type Workspace } from '../workspace/workspace.ts';
import type { Services } from './services.ts';

const tokenKey = 'HF_TOKEN';

/** A model of the Hub, and the commit it is pinned at, if any. */
export interface WantedModel {
  /** `org/model`. */
  id: string;
  revision?: string;
}

/**
 * The model as the record's last plan pinned it: a change of something else must not bring other weights with it. A preset never changes,
 * so the pin lasts as long as the record.
 */
export function pinnedModel(record: CustomResource, id: string): WantedModel {
  const status = isRecord(record['status']) ? record['status'] : {};
  const planned = readStoredStatus(status['slipway'])?.plan?.model;
  return planned?.revision === undefined || planned.id !== id.toLowerCase()
    ? { id }
    : { id, revision: planned.revision };
}

/**
 * The facts of a model outside the catalogue, as a plan takes them in, read with the token that the Workspace names.
 * Throws what {@link readHubModel} throws, and `Terminal` with `ModelAccessSecretMissing` or `ModelAccessSecretForbidden`.
 */
export async function modelFromHub(
  { hub }: Services,
  connection: ClusterConnection,
  workspace: Workspace,
  { id, revision: pinned }: WantedModel,
): Promise<Pick<PlanContext, 'model' | 'modelRevision'>> {
  const token = await tokenOf(connection, workspace, id);
  const { facts, revision } = await readHubModel(id, {
    fetch: hub,
    ...(token === undefined ? {} : { token }),
    ...(pinned === undefined ? {} : { revision: pinned }),
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
