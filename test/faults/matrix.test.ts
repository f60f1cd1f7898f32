import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import type { FaultRule } from '../../infra/local/kubernetes/faults.ts';
import { FaultyPlatform } from './support/faulty-platform.ts';

type HttpRule = NonNullable<FaultRulesInput['http']>[number];
type OutcomeRule = NonNullable<FaultRulesInput['outcomes']>[number];

/** Replay a run with `FAULT_SEED=<number>`. */
const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Each takes some four seconds of a quiet machine. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 20);
const together = 3;

const times = fc.integer({ min: 1, max: 3 });

const armSteps = fc.constantFrom<HttpRule['match']>(
  { operation: 'AgentPools_List' },
  { operation: 'AgentPools_Get' },
  { operation: 'AgentPools_CreateOrUpdate' },
  { operation: 'AgentPools_Delete' },
  { operation: 'ManagedClusters_*' },
);
// A queued request is put off in real time, as Service Bus does: a long Retry-After would outlast the steps of a round.
const armActions = fc.constantFrom<HttpRule['action']>(
  { type: 'status', status: 429, code: 'TooManyRequests', message: 'slow down', retryAfterSeconds: 5 },
  { type: 'status', status: 500, code: 'InternalServerError', message: 'sorry' },
  { type: 'status', status: 409, code: 'OperationNotAllowed', message: 'Another operation is in progress.' },
  { type: 'status', status: 401, code: 'ExpiredAuthenticationToken', message: 'The access token expired.' },
  { type: 'reset' },
  { type: 'applyThenReset' },
);
const armRules: fc.Arbitrary<HttpRule> = fc.record({
  match: armSteps,
  action: armActions,
  times,
  skip: fc.integer({ min: 0, max: 4 }),
});

const poolRules: fc.Arbitrary<OutcomeRule> = fc.record({
  match: fc.constantFrom<OutcomeRule['match']>({ operation: 'create' }, { operation: 'delete' }),
  times: fc.constant(1),
  outcome: fc.constantFrom<OutcomeRule['outcome']>(
    { type: 'fail', afterSeconds: 200, code: 'VMExtensionProvisioningError', message: 'vmssCSE failed' },
    { type: 'fail', afterSeconds: 200, code: 'AllocationFailed', message: 'Allocation failed.' },
    { type: 'fail', afterSeconds: 50, code: 'InternalOperationError', message: 'Internal server error' },
    { type: 'slow', seconds: 900 },
  ),
});

const kubernetesSteps = fc.constantFrom<FaultRule['match']>(
  ...['workspaces', 'statefulsets', 'services', 'nodes', 'pods', 'leases', 'configmaps', 'daemonsets'].map(
    (resource) => ({ resource }),
  ),
  ...['create', 'update', 'patch', 'get', 'list', 'delete'].map((verb) => ({ verb })),
);
const kubernetesRules: fc.Arbitrary<FaultRule> = fc
  .tuple(kubernetesSteps, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 1000 }))
  .chain(([match, strikes, drawn]) => {
    const common = { match, times: strikes, probability: 0.4, seed: drawn };
    return fc.constantFrom<FaultRule>(
      { ...common, action: 'status', code: 500 },
      { ...common, action: 'status', code: 409 },
      { ...common, action: 'status', code: 429, retryAfterSeconds: 7 },
      { ...common, action: 'reset' },
      { ...common, action: 'applied-then-reset' },
      { match, times: 1, action: 'expire-token' },
    );
  });

const faultSets: fc.Arbitrary<FaultRulesInput> = fc.record({
  http: fc.array(armRules, { minLength: 2, maxLength: 4 }),
  outcomes: fc.array(poolRules, { maxLength: 2 }),
  kubernetes: fc.array(kubernetesRules, { minLength: 3, maxLength: 6 }),
});

describe('faults of every kind at steps of every kind', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  for (const [round, [amid, atEnd]] of fc
    .sample(fc.tuple(faultSets, faultSets), { seed, numRuns: rounds })
    .entries()) {
    it(`each workspace ends Ready or Failed with a remedy, and goes without a trace (seed ${seed}, round ${round})`, async (test) => {
      test.diagnostic(`FAULT_SEED=${seed}`);
      const names = Array.from({ length: together }, (_, index) => `round-${round}-${index}`);
      platform.faults(amid);
      for (const name of names) await platform.submit(name);
      await platform.untilAll(names, 'Ready', 'Failed');
      const failed = names.filter((name) => platform.state(name)?.phase === 'Failed');
      for (const name of failed) {
        const failure = platform.state(name)?.failure;
        assert.ok(failure?.message && failure.remedy, `${name}: ${JSON.stringify(failure)}`);
      }
      platform.heal();
      for (const name of failed) await platform.retry(name);
      await platform.untilAll(names, 'Ready');
      for (const name of names) {
        await platform.until(
          `${name} holds one pool`,
          async () => (await platform.poolsOf(name)).length === 1,
          200,
        );
      }
      platform.faults(atEnd);
      await platform.deleteCleanly(...names);
      platform.heal();
      assert.deepEqual(platform.secretsTold(), []);
    });
  }
});
