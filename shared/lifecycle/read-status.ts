import type { Plan } from '../planning/plan.ts';
import type { Condition } from './conditions.ts';
import { Phase } from './phase.ts';
import type { Observed, StoredSlipwayStatus, TrailEntry } from './slipway-status.ts';
import { initialStatus } from './slipway-status.ts';

/**
 * Reads `status.slipway` of a stored Workspace. What is missing takes its first value; what nobody of ours could have written (a hand
 * edit) is read as nothing at all, and the workspace is taken up anew: its pools carry our tags, so none is lost.
 */
export function readStoredStatus(value: unknown): StoredSlipwayStatus | null {
  if (!isRecord(value) || !isPhase(value['phase']) || typeof value['phaseSince'] !== 'string') return null;
  const status = { ...initialStatus(value['phaseSince'], 1), trail: [], ...withoutNulls(value) };
  return isStored(status) ? { ...status, plan: completePlan(status.plan) } : null;
}

/** Reads `status.slipway.observed`, which the cluster orchestration writes alone. */
export function readObserved(value: unknown): Observed | null {
  if (!isRecord(value)) return null;
  const observed = { wishes: '', pools: [], nodes: [], workload: null, ...value };
  return isObserved(observed) ? observed : null;
}

/** KAITO's conditions as stored; malformed ones are left out. */
export function readConditions(value: unknown): Condition[] {
  return Array.isArray(value) ? value.filter(isCondition) : [];
}

/** An API server may drop nulls; a plan knows which of its fields are null rather than absent. */
function completePlan(plan: Plan | null): Plan | null {
  if (plan === null) return null;
  const { model, migProfile, estimate } = plan;
  return { ...plan, model: model ?? null, migProfile: migProfile ?? null, estimate: estimate ?? null };
}

function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

function isStored(status: object): status is StoredSlipwayStatus {
  const fields: Record<string, unknown> = { ...status };
  return (
    typeof fields['observedIntent'] === 'string' &&
    typeof fields['appliedWorkload'] === 'string' &&
    typeof fields['nextTurnBy'] === 'string' &&
    typeof fields['generation'] === 'number' &&
    typeof fields['replacements'] === 'number' &&
    isListOf(fields['allocations'], isAllocation) &&
    isListOf(fields['trail'], isTrailEntry) &&
    (fields['plan'] === null || isPlan(fields['plan']))
  );
}

function isPlan(value: unknown): value is Plan {
  return (
    isRecord(value) &&
    typeof value['instanceType'] === 'string' &&
    typeof value['nodeCount'] === 'number' &&
    typeof value['diskGiB'] === 'number' &&
    typeof value['readinessTimeoutSeconds'] === 'number'
  );
}

function isAllocation(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['pool'] === 'string' &&
    typeof value['count'] === 'number' &&
    typeof value['generation'] === 'number' &&
    typeof value['since'] === 'string' &&
    (value['wish'] === 'present' || value['wish'] === 'absent')
  );
}

function isTrailEntry(value: unknown): value is TrailEntry {
  return isRecord(value) && ['time', 'what', 'why'].every((field) => typeof value[field] === 'string');
}

function isObserved(value: object): value is Observed {
  const fields: Record<string, unknown> = { ...value };
  return (
    typeof fields['wishes'] === 'string' &&
    isListOf(fields['pools'], (pool) => isRecord(pool) && typeof pool['name'] === 'string') &&
    isListOf(fields['nodes'], (node) => isRecord(node) && typeof node['name'] === 'string') &&
    (fields['workload'] === null || isRecord(fields['workload']))
  );
}

function isCondition(value: unknown): value is Condition {
  return (
    isRecord(value) &&
    ['type', 'status', 'reason', 'lastTransitionTime'].every((field) => typeof value[field] === 'string')
  );
}

function isPhase(value: unknown): value is Phase {
  return Object.values<unknown>(Phase).includes(value);
}

function isListOf(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
