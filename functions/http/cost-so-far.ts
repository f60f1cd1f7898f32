import type { CustomResource } from '../../shared/kubernetes/cluster.ts';
import { costAt } from '../../shared/lifecycle/cost.ts';
import { readStoredStatus } from '../../shared/lifecycle/read-status.ts';
import { isRecord } from '../../shared/workspace/json-object.ts';

/** Whole hundredths of a cent: prices are told no finer. */
const smallest = 10_000;

/** The record with what its nodes have cost until `now` (ISO 8601); the stored total is as of the last write. */
export function withCostSoFar(record: CustomResource, now: string): CustomResource {
  const status = isRecord(record['status']) ? record['status'] : {};
  const slipway = isRecord(status['slipway']) ? status['slipway'] : {};
  const cost = readStoredStatus(slipway)?.cost ?? null;
  if (cost === null) return record;
  const { currency, hourly, source } = cost;
  const amount = Math.round(costAt(cost, now) * smallest) / smallest;
  const costSoFar = { amount, currency, hourly, source, asOf: now };
  return { ...record, status: { ...status, slipway: { ...slipway, costSoFar } } };
}
