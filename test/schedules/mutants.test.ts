import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeProvisioner } from '../../shared/provisioning/node-provisioner.ts';
import { isRecord } from '../../shared/workspace/json-object.ts';
import { checkSchedules } from './check-schedules.ts';
import { anySchedule } from './deeds.ts';
import type { Schedule } from './deeds.ts';
import { runSchedule } from './run-schedule.ts';
import { open, watchedPort } from './world/watched-port.ts';
import type { Act, Mutant } from './world/world.ts';

/** Schedules a wrong program may survive before the checker counts as blind. */
const patience = 60;
const seed = 20_261_121;

/** Wraps one activity. */
function changed(name: string, change: (act: Act) => Act): Mutant {
  return {
    activities: (acts) => {
      const act = acts.get(name);
      assert.ok(act, `activity ${name}`);
      acts.set(name, change(act));
    },
  };
}

/** A provisioner of which some methods do something else. */
function provisioner(change: (real: NodeProvisioner) => Partial<NodeProvisioner>): Mutant {
  return {
    provisioner: (real) => {
      const changes = change(real);
      return watchedPort(real, () => open, changes);
    },
  };
}

/** A status write, with something done to what is written. */
function writes(change: (slipway: Record<string, unknown>) => Record<string, unknown>): Mutant {
  return changed('writeStatus', (act) => async (input) => {
    if (!isRecord(input) || !isRecord(input['write']) || !isRecord(input['write']['slipway']))
      return act(input);
    const slipway = change(input['write']['slipway']);
    return act({ ...input, write: { ...input['write'], slipway } });
  });
}

function eachAllocation(
  slipway: Record<string, unknown>,
  change: (allocation: Record<string, unknown>) => Record<string, unknown>[],
): Record<string, unknown> {
  const allocations: unknown = slipway['allocations'];
  const listed = Array.isArray(allocations) ? allocations.filter(isRecord) : [];
  return { ...slipway, allocations: listed.flatMap(change) };
}

function asRelease(input: unknown): unknown {
  if (!isRecord(input) || !isRecord(input['operation']) || input['operation']['kind'] !== 'create')
    return input;
  return { ...input, operation: { ...input['operation'], kind: 'release' } };
}

const mutants: Record<string, { mutant: Mutant; caughtBy: RegExp }> = {
  'a provisioner that creates every pool twice': {
    mutant: provisioner((real) => ({
      create: async (request) => {
        await real.create({ ...request, name: `${request.name.slice(0, 11)}x` });
        return real.create(request);
      },
    })),
    caughtBy: /I1/,
  },
  'a provisioner that does not list pools which are being made': {
    mutant: provisioner((real) => ({
      list: async () => (await real.list()).filter(({ state }) => state !== 'creating'),
    })),
    // Where nodes are shared, whoever waits for a pool that is never seen waits without end.
    caughtBy: /I1|I2|I4/,
  },
  'a cluster that releases what is wished for': {
    mutant: changed('operatePool', (act) => (input) => act(asRelease(input))),
    caughtBy: /I4|not at rest/,
  },
  'a decision that gives back nodes which serve': {
    mutant: writes((slipway) =>
      slipway['phase'] === 'Ready' ? eachAllocation(slipway, (one) => [{ ...one, wish: 'absent' }]) : slipway,
    ),
    caughtBy: /I3/,
  },
  'a decision that wishes for two pools': {
    mutant: writes((slipway) =>
      slipway['phase'] === 'Provisioning'
        ? eachAllocation(slipway, (one) => [one, { ...one, pool: `${String(one['pool']).slice(0, 11)}x` }])
        : slipway,
    ),
    caughtBy: /I1/,
  },
  'a delete that ends before the pool is gone': {
    mutant: changed('removeWorkload', (act) => async (input) => {
      await act(input);
      return 0;
    }),
    caughtBy: /I2/,
  },
  'a failure without a remedy': {
    mutant: writes((slipway) => {
      const failure = slipway['failure'];
      return isRecord(failure) ? { ...slipway, failure: { ...failure, remedy: '' } } : slipway;
    }),
    caughtBy: /I4/,
  },
  'a wait that says nothing': {
    mutant: writes((slipway) => ({ ...slipway, waitingFor: null })),
    caughtBy: /I4/,
  },
};

describe('the checker of schedules', () => {
  for (const [what, { mutant, caughtBy }] of Object.entries(mutants)) {
    it(`finds out ${what}`, { timeout: 240_000 }, async () => {
      const run = async (schedule: Schedule): Promise<void> => {
        await runSchedule(schedule, mutant);
      };
      await assert.rejects(checkSchedules(anySchedule, { runs: patience, seed, run }), caughtBy);
    });
  }
});
