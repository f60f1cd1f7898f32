import type { DurableClient } from 'durable-functions';
import { clusterInstanceId } from '../shared/lifecycle/workspace-key.ts';
import type { PoolsSince } from '../shared/reconcile/sweep-orphans.ts';
import { isRecord } from '../shared/workspace/json-object.ts';
import { statusOf } from './ensure-running.ts';

/** Since when the cluster's orchestration has seen each orphan pool, from its custom status; empty when that says nothing. */
export async function poolsSince(client: DurableClient, cluster: string): Promise<PoolsSince> {
  const shown: unknown = (await statusOf(client, clusterInstanceId(cluster)))?.customStatus;
  const text = isRecord(shown) ? shown['orphans'] : undefined;
  const since: unknown = typeof text === 'string' ? JSON.parse(text) : {};
  const entries = isRecord(since) ? Object.entries(since) : [];
  return Object.fromEntries(
    entries.flatMap(([pool, at]): [string, string][] => (typeof at === 'string' ? [[pool, at]] : [])),
  );
}
