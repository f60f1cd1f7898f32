import { aksError, armError } from './arm-error.ts';
import { poolKey } from './azure-state.ts';
import type { AzureContext } from './settings.ts';
import type { ArmRequest } from './arm-request.ts';
import type { ClusterRecord, PoolRecord } from './records.ts';

/** A path parameter the route guarantees. */
export function parameter(request: ArmRequest, name: string): string {
  const value = request.parameters[name];
  if (value === undefined) throw new Error(`the route of ${request.path} has no {${name}}`);
  return value;
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** 404 in body shape B when the path names a subscription or resource group other than the simulated ones. */
export function checkScope(context: AzureContext, request: ArmRequest): void {
  const { subscription, group } = request.parameters;
  if (subscription !== undefined && !sameText(subscription, context.subscriptionId)) {
    throw armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
  }
  if (group !== undefined && !sameText(group, context.resourceGroup)) {
    throw armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  }
}

/** The cluster the path names; 404 ResourceNotFound (shape B), or ParentResourceNotFound for what lies below it. */
export function clusterOf(context: AzureContext, request: ArmRequest): ClusterRecord {
  const name = parameter(request, 'cluster');
  const cluster = context.state.clusters
    .values()
    .find((candidate) => sameText(candidate.name, name) && !candidate.deleted);
  if (cluster) return cluster;
  const below = request.parameters['pool'] !== undefined;
  throw below
    ? armError(
        404,
        'ParentResourceNotFound',
        `Failed to perform operation on nested resource: the parent resource 'Microsoft.ContainerService/managedClusters/${name}' could not be found.`,
      )
    : armError(
        404,
        'ResourceNotFound',
        `The Resource 'Microsoft.ContainerService/managedClusters/${name}' under resource group '${context.resourceGroup}' was not found.`,
      );
}

export function findPool(
  context: AzureContext,
  cluster: ClusterRecord,
  name: string,
): PoolRecord | undefined {
  return context.state.pools.get(poolKey(cluster.name, name));
}

/** The pool the path names; 404 NotFound in shape A, with the words other clients look for. */
export function poolOf(context: AzureContext, cluster: ClusterRecord, request: ArmRequest): PoolRecord {
  const name = parameter(request, 'pool');
  const pool = findPool(context, cluster, name);
  if (pool) return pool;
  throw aksError(404, 'NotFound', `Could not find Agent Pool: Agent Pool not found: ${name}`, {
    subcode: 'GetAgentPool_NotFound',
  });
}
