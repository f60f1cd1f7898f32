import type { ArmHandler } from './arm-request.ts';
import { deleteCluster, getCluster, listClusters, startCluster, stopCluster } from './cluster-operations.ts';
import { listAdminCredential, listUserCredential } from './credentials.ts';
import { getOperation, getOperationResult } from './operation-queries.ts';
import {
  abortPool,
  deleteMachines,
  deletePool,
  getMachine,
  getPool,
  getUpgradeProfile,
  listMachines,
  listPools,
  upgradeNodeImage,
} from './pool-operations.ts';
import { putPool } from './put-pool.ts';
import { listPoolVersions, listSkus, listUsages } from './subscription-queries.ts';

/** One ARM operation: `operation` is its id in the REST specification. */
export interface ArmRoute {
  operation: string;
  method: string;
  /** Path template; literals match in any case, `{name}` takes one segment. */
  template: string;
  handler: ArmHandler;
}

const subscription = '/subscriptions/{subscription}';
const provider = 'providers/Microsoft.ContainerService';
const clusters = `${subscription}/resourceGroups/{group}/${provider}/managedClusters`;
const cluster = `${clusters}/{cluster}`;
const pools = `${cluster}/agentPools`;
const pool = `${pools}/{pool}`;
const location = `${subscription}/${provider}/locations/{location}`;
const compute = `${subscription}/providers/Microsoft.Compute`;

const table: [operation: string, method: string, template: string, handler: ArmHandler][] = [
  ['ManagedClusters_List', 'GET', `${subscription}/${provider}/managedClusters`, listClusters],
  ['ManagedClusters_ListByResourceGroup', 'GET', clusters, listClusters],
  ['ManagedClusters_Get', 'GET', cluster, getCluster],
  ['ManagedClusters_Delete', 'DELETE', cluster, deleteCluster],
  ['ManagedClusters_Stop', 'POST', `${cluster}/stop`, stopCluster],
  ['ManagedClusters_Start', 'POST', `${cluster}/start`, startCluster],
  [
    'ManagedClusters_ListClusterUserCredentials',
    'POST',
    `${cluster}/listClusterUserCredential`,
    listUserCredential,
  ],
  [
    'ManagedClusters_ListClusterAdminCredentials',
    'POST',
    `${cluster}/listClusterAdminCredential`,
    listAdminCredential,
  ],
  [
    'AgentPools_GetAvailableAgentPoolVersions',
    'GET',
    `${cluster}/availableAgentPoolVersions`,
    listPoolVersions,
  ],
  ['AgentPools_List', 'GET', pools, listPools],
  ['AgentPools_Get', 'GET', pool, getPool],
  ['AgentPools_CreateOrUpdate', 'PUT', pool, putPool],
  ['AgentPools_Delete', 'DELETE', pool, deletePool],
  ['AgentPools_DeleteMachines', 'POST', `${pool}/deleteMachines`, deleteMachines],
  ['AgentPools_AbortLatestOperation', 'POST', `${pool}/abort`, abortPool],
  ['AgentPools_UpgradeNodeImageVersion', 'POST', `${pool}/upgradeNodeImageVersion`, upgradeNodeImage],
  ['AgentPools_GetUpgradeProfile', 'GET', `${pool}/upgradeProfiles/default`, getUpgradeProfile],
  ['Machines_List', 'GET', `${pool}/machines`, listMachines],
  ['Machines_Get', 'GET', `${pool}/machines/{machine}`, getMachine],
  ['OperationStatusResult_Get', 'GET', `${location}/operations/{operation}`, getOperation],
  ['OperationResults_Get', 'GET', `${location}/operationresults/{operation}`, getOperationResult],
  ['Usage_List', 'GET', `${compute}/locations/{location}/usages`, listUsages],
  ['ResourceSkus_List', 'GET', `${compute}/skus`, listSkus],
];

export const armRoutes: readonly ArmRoute[] = table.map(([operation, method, template, handler]) => ({
  operation,
  method,
  template,
  handler,
}));

/** The route of a request with its path parameters; `known` tells an unknown path (404) from a wrong method (405). */
export function matchRoute(
  method: string,
  path: string,
): { route: ArmRoute; parameters: Record<string, string> } | { route: undefined; known: boolean } {
  let known = false;
  for (const route of armRoutes) {
    const parameters = matchTemplate(route.template, path);
    if (parameters === undefined) continue;
    if (route.method === method) return { route, parameters };
    known = true;
  }
  return { route: undefined, known };
}

function matchTemplate(template: string, path: string): Record<string, string> | undefined {
  const [expected, actual] = [template.split('/'), path.replace(/\/$/, '').split('/')];
  if (expected.length !== actual.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const text = decodeURIComponent(actual[index] ?? '');
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name !== undefined) parameters[name] = text;
    else if (segment.toLowerCase() !== text.toLowerCase()) return undefined;
  }
  return parameters;
}
