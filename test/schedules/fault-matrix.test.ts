/**
 * Each error that Azure is known to give, at each step of a pool's life, standing for twenty minutes: what is told meanwhile, and that
 * all comes right afterwards.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import type { ErrorName } from '../../infra/local/azure/known-errors.ts';
import { errorNames, failure, refusal } from '../../infra/local/azure/known-errors.ts';
import { Phase } from '../../shared/lifecycle/phase.ts';
import { expectations } from './expected-outcomes.ts';
import { Life } from './life.ts';

/** Virtual seconds that the fault stands: a second try is made within them. */
const stands = 1200;
const soon = 3600;

interface Stage {
  /** What goes wrong from now on. */
  faults: (name: ErrorName) => FaultRulesInput;
  /** How the life goes on into the fault. */
  meets: (life: Life) => Promise<void>;
  /** What is told while the fault stands. */
  tells: (life: Life, name: ErrorName) => void;
}

const asked = async (life: Life): Promise<void> => {
  await life.apply();
  await life.pass(stands);
};

/** What a workspace tells whose pool does not come. */
function tellsOfCreation(life: Life, name: ErrorName): void {
  const { class: kind, code } = expectations[name];
  const { phase, failure: failed, waitingFor } = life.status();
  if (kind === 'wait') {
    assert.equal(phase, Phase.Provisioning);
    assert.ok(waitingFor?.what, 'it says what it waits for');
    return;
  }
  if (kind === 'retry' && phase !== Phase.Failed) {
    assert.ok(waitingFor?.what, 'it says what it waits for');
    return;
  }
  assert.equal(phase, Phase.Failed);
  assert.equal(failed?.code, code);
  assert.ok(failed.message && failed.remedy, 'it says why, and what to do');
}

/** What a workspace tells that serves or rests, or is on its way there: its nodes are not given up for a fault of Azure. */
function tellsOfOthers(life: Life): void {
  const { phase, waitingFor, failure: failed } = life.status();
  if (phase === Phase.Failed) assert.ok(failed?.code && failed.remedy, 'it says why, and what to do');
  else
    assert.ok(
      phase === Phase.Ready || phase === Phase.Suspended || waitingFor?.what,
      'it says what it waits for',
    );
}

/** Not found is what a delete wants to hear. */
function isAbsence(name: ErrorName): boolean {
  return refusal(name).status === 404;
}

/** A delete that does not get on tells what Azure says to it. */
function tellsOfDelete(life: Life, name: ErrorName): void {
  if (isAbsence(name)) return;
  assert.match(life.status().waitingFor?.what ?? '', /to be gone: ./);
}

/** Asked too often, Azure would answer with its throttle, and the reason would be lost. */
function assertPatient(life: Life, name: ErrorName, step: string): void {
  const { methods, statuses } = life.world.azure.server.counter.counts();
  const writes = (methods['PUT'] ?? 0) + (methods['DELETE'] ?? 0);
  if (isAbsence(name)) return;
  const mayPass = ['wait', 'retry'].includes(expectations[name].class) || !step.endsWith('refused');
  assert.ok(writes <= (mayPass ? stands / 15 : 10), `${writes} writes`);
  if (!name.startsWith('throttled')) assert.equal(statuses['429'] ?? 0, 0, 'throttled');
}

const stages: Record<string, Stage> = {
  'a creation is refused': {
    faults: (name) => ({ outcomes: [{ match: { operation: 'create' }, outcome: refusal(name) }] }),
    meets: asked,
    tells: tellsOfCreation,
  },
  'a creation fails after it was accepted': {
    faults: (name) => ({ outcomes: [{ match: { operation: 'create' }, outcome: failure(name, 90) }] }),
    meets: asked,
    tells: tellsOfOthers,
  },
  'a resize is refused': {
    faults: (name) => ({ outcomes: [{ match: { operation: 'update' }, outcome: refusal(name) }] }),
    meets: (life) => life.suspendWithin(stands),
    tells: tellsOfOthers,
  },
  'a resize fails after it was accepted': {
    faults: (name) => ({ outcomes: [{ match: { operation: 'update' }, outcome: failure(name, 30) }] }),
    meets: (life) => life.suspendWithin(stands),
    tells: tellsOfOthers,
  },
  'a delete is refused': {
    faults: (name) => ({ outcomes: [{ match: { operation: 'delete' }, outcome: refusal(name) }] }),
    meets: (life) => life.deleteWithin(stands),
    tells: tellsOfDelete,
  },
  'a delete fails after it was accepted': {
    faults: (name) => ({ outcomes: [{ match: { operation: 'delete' }, outcome: failure(name, 30) }] }),
    meets: (life) => life.deleteWithin(stands),
    tells: tellsOfOthers,
  },
  'pools cannot be listed': {
    faults: (name) => httpFault('AgentPools_List', name),
    meets: asked,
    tells: () => undefined,
  },
  'nobody says whether the cluster runs': {
    faults: (name) => httpFault('ManagedClusters_Get', name),
    meets: async (life) => {
      life.silence(stands);
      await life.pass(stands);
    },
    tells: tellsOfOthers,
  },
};

function httpFault(operation: string, name: ErrorName): FaultRulesInput {
  const { type, ...error } = refusal(name);
  return { http: [{ match: { operation }, action: { type: 'status', ...error } }] };
}

describe('the fault matrix', () => {
  for (const [step, { faults, meets, tells }] of Object.entries(stages)) {
    it(
      `${step}: whatever Azure says, it is told, and all comes right afterwards`,
      { timeout: 300_000 },
      async () => {
        for (const name of errorNames) {
          const life = await Life.begin();
          try {
            // The stages of a creation begin before there is anything.
            if (meets !== asked) await life.untilReady(soon);
            life.faults(faults(name));
            await meets(life);
            tells(life, name);
            assertPatient(life, name, step);
            life.faults({});
            await life.comesRight(soon * 3);
          } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            throw new Error(`${step}, "${name}": ${why}\n${life.trace()}`, { cause: error });
          } finally {
            life.end();
          }
        }
      },
    );
  }
});
