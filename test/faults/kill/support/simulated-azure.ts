import { z } from 'zod';
import { LoopbackApi } from '../../../../infra/local/platform/demo/loopback-api.ts';
import type { Endpoints } from '../../../../infra/local/platform/endpoints.ts';

const stateSchema = z.object({
  idle: z.boolean(),
  pools: z.array(
    z.object({
      name: z.string(),
      provisioningState: z.string(),
      properties: z.looseObject({
        mode: z.string().optional(),
        count: z.number().optional(),
        tags: z.record(z.string(), z.string()).optional(),
      }),
      machines: z.array(z.object({ name: z.string() })),
    }),
  ),
  operations: z.array(
    z.object({
      verb: z.string(),
      pool: z.string().optional(),
      status: z.string(),
      startTime: z.number(),
    }),
  ),
});
export type AzureState = z.output<typeof stateSchema>;

const countsSchema = z.object({
  arm: z.object({ total: z.number(), operations: z.record(z.string(), z.number()) }),
  /** By cluster, then by what was asked (`list pods`). */
  kubernetes: z.record(z.string(), z.record(z.string(), z.number())),
});
export type CallCounts = z.output<typeof countsSchema>;

/** What simulated Azure itself knows, past the app: the witness. Operations are kept for ever, also over its restarts. */
export async function azureState(endpoints: Endpoints): Promise<AzureState> {
  const state = stateSchema.parse(await ask(endpoints, endpoints.armUrl, '/simulator/state'));
  return { ...state, pools: state.pools.filter(({ properties }) => properties.mode !== 'System') };
}

/** Calls to ARM and to the Kubernetes APIs since the simulator's process started; refused ones count too. */
export async function callCounts(endpoints: Endpoints): Promise<CallCounts> {
  return countsSchema.parse(await ask(endpoints, endpoints.armUrl, '/simulator/counts'));
}

/** Accepted operations of one kind, by pool. */
export function operationsByPool(state: AzureState, verb: 'createPool' | 'deletePool'): Map<string, number> {
  const found = new Map<string, number>();
  for (const operation of state.operations) {
    if (operation.verb !== verb || operation.pool === undefined) continue;
    found.set(operation.pool, (found.get(operation.pool) ?? 0) + 1);
  }
  return found;
}

export async function ask(endpoints: Endpoints, origin: string, path: string): Promise<unknown> {
  const { status, body } = await new LoopbackApi(origin, endpoints.caFile).call('GET', path);
  if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
