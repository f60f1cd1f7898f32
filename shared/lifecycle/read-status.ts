import type { Condition } from './conditions.ts';
import type { Cost } from './cost.ts';
import type { PassedRung } from '../planning/passed-rung.ts';
import type { Placement } from '../planning/placement.ts';
import { regionalOnDemand } from '../planning/placement.ts';
import { Phase } from './phase.ts';
import { readPlan } from './read-plan.ts';
import type { Allocation, Failure, StoredSlipwayStatus, TrailEntry, WaitingFor } from './slipway-status.ts';
import { isCount, isText, StoredFields } from './stored-fields.ts';
import { isRecord } from '../workspace/json-object.ts';

export { readObserved } from './read-observed.ts';

const phases = Object.values(Phase);
/** Stands in for a time that is not known. */
const longAgo = '1970-01-01T00:00:00.000Z';

/**
 * Reads `status.slipway` of a stored Workspace; null when nothing was written yet. Whatever a hand edit broke is read as its first
 * value and the workspace is planned again, but pools that are still named stay held: nobody's nodes go for a slip of the editor.
 */
export function readStoredStatus(value: unknown): StoredSlipwayStatus | null {
  if (!isRecord(value) || value['phase'] === undefined || value['phase'] === null) return null;
  const fields = new StoredFields(value);
  const phaseSince = fields.time('phaseSince', longAgo);
  const listed = fields.list('allocations', (item) => readAllocation(item, phaseSince));
  const allocations = withOneLive(listed);
  const observedIntent = fields.text('observedIntent', '');
  const status: StoredSlipwayStatus = {
    logicVersion: fields.count('logicVersion', 1),
    phase: fields.oneOf('phase', phases, Phase.Pending),
    phaseSince,
    observedIntent,
    plannedIntent: fields.text('plannedIntent', observedIntent),
    plan: fields.nested('plan', readPlan),
    appliedWorkload: fields.text('appliedWorkload', ''),
    generation: Math.max(fields.count('generation', 0), ...allocations.map(({ generation }) => generation)),
    replacements: fields.count('replacements', 0),
    allocations,
    passed: fields.list('passed', readPassedRung),
    waitingFor: fields.nested('waitingFor', readWaitingFor),
    failure: fields.nested('failure', readFailure),
    nextTurnBy: fields.time('nextTurnBy', phaseSince),
    everReady: fields.flag('everReady', false),
    cost: fields.nested('cost', readCost),
    trail: fields.list('trail', readTrailEntry),
  };
  const whole = !fields.broken() && phaseSince !== longAgo && allocations === listed;
  if (whole) return status;
  const timeless = phaseSince === longAgo;
  return { ...status, observedIntent: '', plannedIntent: '', phase: timeless ? Phase.Pending : status.phase };
}

/** KAITO's conditions as stored; malformed ones are left out. */
export function readConditions(value: unknown): Condition[] {
  return Array.isArray(value) ? value.map(readCondition).filter((condition) => condition !== null) : [];
}

/** Two live pools cannot be (invariant I1): the newest stays, the others go. */
function withOneLive(allocations: Allocation[]): Allocation[] {
  const live = allocations.filter(({ wish }) => wish === 'present');
  if (live.length < 2) return allocations;
  const newest = live.reduce((one, other) => (isNewer(other, one) ? other : one));
  return allocations.map((one) => (one === newest ? one : { ...one, wish: 'absent' }));
}

function isNewer(one: Allocation, other: Allocation): boolean {
  return one.generation > other.generation || (one.generation === other.generation && one.rung > other.rung);
}

function readAllocation(value: unknown, since: string): Allocation | null {
  if (!isRecord(value) || !isText(value['pool']) || value['pool'] === '') return null;
  const fields = new StoredFields(value);
  const seen = fields.flag('seen', false);
  return {
    generation: fields.count('generation', 0),
    rung: fields.count('rung', 0),
    pool: value['pool'],
    instanceType: fields.text('instanceType', ''),
    count: fields.count('count', 1),
    diskGiB: fields.count('diskGiB', 0),
    placement: fields.nested('placement', readPlacement) ?? regionalOnDemand,
    ...(value['sharing'] === 'shared' ? { sharing: 'shared' } : {}),
    power: fields.oneOf('power', ['running', 'stopped'], 'running'),
    wish: fields.oneOf('wish', ['present', 'absent'], 'present'),
    since: fields.time('since', since),
    seen,
    accepted: fields.flag('accepted', seen),
    hourlyPrice: fields.nested('hourlyPrice', (price) => (isCount(price) ? price : null)),
    priceSource: fields.nested('priceSource', (source) => (isText(source) ? source : null)),
  };
}

/** Terms that cannot be made out are broken as a whole: half of them would ask for something nobody wished. */
function readPlacement(value: unknown): Placement | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const placement: Placement = {
    priority: fields.oneOf('priority', ['on-demand', 'spot'], 'on-demand'),
    zones: fields.list('zones', (zone) => (isText(zone) ? zone : null)),
    spotMaxPrice: fields.nested('spotMaxPrice', (price) => (isCount(price) ? price : null)),
    capacityReservationGroup: fields.nested('capacityReservationGroup', (id) => (isText(id) ? id : null)),
  };
  return fields.broken() ? null : placement;
}

function readPassedRung(value: unknown): PassedRung | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const remedy = fields.text('remedy', '');
  const passed: PassedRung = {
    rung: fields.count('rung', 0),
    offer: fields.text('offer', ''),
    code: fields.text('code', 'Unknown'),
    message: fields.text('message', ''),
    ...(remedy === '' ? {} : { remedy }),
  };
  return fields.broken() ? null : passed;
}

function readWaitingFor(value: unknown): WaitingFor | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const deadline = fields.time('deadline', longAgo);
  return {
    what: fields.text('what', ''),
    since: fields.time('since', longAgo),
    ...(deadline === longAgo ? {} : { deadline }),
  };
}

function readFailure(value: unknown): Failure | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const remedy = fields.text('remedy', '');
  return {
    code: fields.text('code', 'Unknown'),
    message: fields.text('message', ''),
    ...(remedy === '' ? {} : { remedy }),
    at: fields.time('at', longAgo),
  };
}

function readCost(value: unknown): Cost | null {
  if (!isRecord(value)) return null;
  const fields = new StoredFields(value);
  const cost: Cost = {
    currency: 'USD',
    accrued: fields.count('accrued', 0),
    hourly: fields.count('hourly', 0),
    since: fields.time('since', longAgo),
    source: fields.text('source', ''),
  };
  return fields.broken() || cost.since === longAgo ? null : cost;
}

function readTrailEntry(value: unknown): TrailEntry | null {
  if (!isRecord(value)) return null;
  const { time, what, why } = value;
  return isText(time) && isText(what) && isText(why) ? { time, what, why } : null;
}

function readCondition(value: unknown): Condition | null {
  if (!isRecord(value)) return null;
  const { type, status, reason, message, lastTransitionTime, observedGeneration } = value;
  if (!isText(type) || !isText(reason) || !isText(lastTransitionTime)) return null;
  if (status !== 'True' && status !== 'False' && status !== 'Unknown') return null;
  return {
    type,
    status,
    reason,
    message: isText(message) ? message : '',
    lastTransitionTime,
    observedGeneration: isCount(observedGeneration) ? observedGeneration : 0,
  };
}
