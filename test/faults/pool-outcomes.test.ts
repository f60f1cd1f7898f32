import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { OutcomeRule } from '../../infra/local/azure/fault-rules.ts';
import { FaultyPlatform } from './support/faulty-platform.ts';

interface Scenario {
  what: string;
  instanceType: string;
  outcome: OutcomeRule['outcome'];
  /** How the workspace stands in the end, while the cause lasts. */
  ends: { code: string; message: RegExp; remedy: RegExp };
}

const later = 600;
/** One size a scenario, so that all can go on at the same time. */
const refusals: Scenario[] = [
  {
    what: 'a quota that the request exceeds',
    instanceType: 'Standard_NC24ads_A100_v4',
    outcome: {
      type: 'refuse',
      status: 400,
      code: 'ErrCode_InsufficientVCPUQuota',
      message:
        'Insufficient vcpu quota requested 24, remaining 0 for family StandardNCADSA100v4Family for region.',
    },
    ends: {
      code: 'InsufficientQuota',
      message: /requested 24, remaining 0/,
      remedy: /Ask for more vCPU quota/,
    },
  },
  {
    what: 'an Azure Policy that forbids the pool',
    instanceType: 'Standard_NC48ads_A100_v4',
    outcome: {
      type: 'refuse',
      status: 403,
      code: 'RequestDisallowedByPolicy',
      message: "Resource was disallowed by policy 'no-gpus'.",
    },
    ends: { code: 'DisallowedByPolicy', message: /no-gpus/, remedy: /Exempt the agent pools/ },
  },
  {
    what: 'a request that Azure calls invalid',
    instanceType: 'Standard_NC96ads_A100_v4',
    outcome: {
      type: 'refuse',
      status: 400,
      code: 'InvalidParameter',
      message: 'The value of parameter agentPoolProfile.osSKU is invalid.',
    },
    ends: { code: 'InvalidRequest', message: /osSKU/, remedy: /slipway\.dev\/retry/ },
  },
  {
    what: 'a lack of machines, told after a long while',
    instanceType: 'Standard_NC40ads_H100_v5',
    outcome: {
      type: 'fail',
      afterSeconds: later,
      code: 'ResourceOperationFailure',
      message: 'The operation failed.',
      details: [
        { code: 'AllocationFailed', message: 'Allocation failed. We do not have sufficient capacity.' },
      ],
    },
    ends: { code: 'AllocationFailed', message: /sufficient capacity/, remedy: /Wait for capacity/ },
  },
  {
    what: 'nodes that fail to bootstrap in every pool',
    instanceType: 'Standard_NC80adis_H100_v5',
    outcome: {
      type: 'fail',
      afterSeconds: later,
      code: 'VMExtensionProvisioningError',
      message: 'VM has reported a failure when processing extension vmssCSE.',
    },
    ends: { code: 'NodeBootstrapFailed', message: /vmssCSE/, remedy: /outbound network/ },
  },
  {
    what: 'a creation that never ends',
    instanceType: 'Standard_NV36ads_A10_v5',
    outcome: { type: 'stuck' },
    ends: { code: 'PoolNotCreated', message: /waited 40 minutes/, remedy: /slipway\.dev\/retry/ },
  },
];

describe('agent pools that do not come', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  const nameOf = (index: number): string => `refused-${index}`;
  const names = refusals.map((_, index) => nameOf(index));

  it('each ends Failed with a code, what Azure said, and what to do about it', async () => {
    platform.faults({
      outcomes: refusals.map(({ instanceType, outcome }) => ({
        match: { vmSize: instanceType, operation: 'create' },
        outcome,
      })),
    });
    for (const [index, { instanceType }] of refusals.entries()) {
      const answer = await platform.post(nameOf(index), { instanceType });
      assert.equal(answer.status, 202, answer.text);
    }
    await platform.untilAll(names, 'Failed');
    for (const [index, { what, ends }] of refusals.entries()) {
      const state = platform.state(nameOf(index));
      assert.equal(state?.state, 'Failed', what);
      assert.equal(state.conditions['WorkspaceSucceeded'], 'False', what);
      assert.equal(state.failure?.code, ends.code, what);
      assert.match(state.failure.message, ends.message, what);
      assert.match(state.failure.remedy ?? '', ends.remedy, what);
    }
  });

  it('the remains of failed pools are removed, so that nothing bills', async () => {
    await platform.harness.pass(1200);
    for (const [index, { what }] of refusals.entries()) {
      assert.deepEqual(await platform.poolsOf(nameOf(index)), [], what);
      assert.deepEqual(platform.state(nameOf(index))?.pools, [], what);
    }
  });

  it('stays Failed without a call to Azure for new pools while nobody changes anything', async () => {
    const writes = (): number => platform.harness.azure.counts().methods['PUT'] ?? 0;
    const before = writes();
    await platform.harness.pass(3600);
    assert.equal(writes(), before);
    for (const name of names) assert.equal(platform.state(name)?.phase, 'Failed');
  });

  it('a retry after the cause is gone makes each Ready, and each can be deleted', async () => {
    const [deleted = '', ...retried] = names;
    platform.heal();
    for (const [index, { instanceType }] of refusals.entries()) {
      if (nameOf(index) !== deleted) await platform.retry(nameOf(index), { instanceType });
    }
    await platform.untilAll(retried, 'Ready');
    for (const name of retried) assert.equal(platform.state(name)?.failure, undefined);
    await platform.deleteCleanly(...names);
  });

  it('a half-created pool is removed and a fresh one takes its place', async () => {
    platform.faults({
      outcomes: [
        {
          match: { operation: 'create' },
          times: 1,
          outcome: {
            type: 'fail',
            afterSeconds: 300,
            code: 'VMExtensionProvisioningError',
            message: 'VM has reported a failure when processing extension vmssCSE.',
          },
        },
      ],
    });
    const answer = await platform.post('half-created');
    assert.equal(answer.status, 202, answer.text);
    await platform.untilPhase('half-created', 'Ready');
    await platform.until(
      'the failed pool is gone',
      async () => (await platform.poolsOf('half-created')).length === 1,
    );
    const state = platform.state('half-created');
    assert.deepEqual(
      state?.pools.map(({ generation, wish }) => [generation, wish]),
      [[2, 'present']],
    );
    await platform.deleteCleanly('half-created');
  });

  it('tells no secret', () => {
    assert.deepEqual(platform.secretsTold(), []);
  });
});
