import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProvisioningFailure } from '../../../shared/provisioning/node-provisioner.ts';
import { seed } from '../core/seed.ts';
import type { Luck } from './support/model.ts';
import { Model } from './support/model.ts';

/** 500 lives in `npm test`; `LIFECYCLE_RUNS=20000` in the soak. */
const numRuns = Number(process.env['LIFECYCLE_RUNS'] ?? 500);

const failures: Readonly<Record<string, ProvisioningFailure>> = {
  wait: {
    class: 'wait',
    code: 'OperationInProgress',
    message: 'another operation runs',
    retryAfterSeconds: 30,
  },
  retry: { class: 'retry', code: 'InternalError', message: 'Azure had a fault' },
  capacity: {
    class: 'next-rung',
    code: 'AllocationFailed',
    message: 'no capacity',
    remedy: 'Take another size.',
  },
  quota: { class: 'operator', code: 'InsufficientQuota', message: 'no quota' },
};
const failureNames = Object.keys(failures);

type Event =
  | { is: 'turn' | 'tick'; luck: Luck }
  | { is: 'time'; minutes: number }
  | { is: 'mood' | 'pool-fails'; failure: string }
  | { is: 'ailing'; how: 'not-ready' | 'no-gpu' }
  | { is: 'change'; what: Parameters<Model['change']>[0] }
  | {
      is:
        | 'azure-goes-on'
        | 'azure-is-well'
        | 'pool-vanishes'
        | 'nodes-heal'
        | 'pods-go-on'
        | 'pod-crashes'
        | 'workload-vanishes'
        | 'delete';
    };

const luck: fc.Arbitrary<Luck> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constant({ twice: true }) },
  { weight: 2, arbitrary: fc.record({ diesBefore: fc.nat(4) }) },
);

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ is: fc.constant('turn' as const), luck }) },
  { weight: 10, arbitrary: fc.record({ is: fc.constant('tick' as const), luck }) },
  {
    weight: 5,
    arbitrary: fc.record({ is: fc.constant('time' as const), minutes: fc.constantFrom(0, 1, 5, 30, 90) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ is: fc.constantFrom('azure-goes-on' as const, 'pods-go-on' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constantFrom('mood' as const, 'pool-fails' as const),
      failure: fc.constantFrom(...failureNames),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constantFrom(
        'azure-is-well' as const,
        'pool-vanishes' as const,
        'nodes-heal' as const,
        'pod-crashes' as const,
        'workload-vanishes' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('ailing' as const),
      how: fc.constantFrom('not-ready' as const, 'no-gpu' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('change' as const),
      what: fc.constantFrom('size' as const, 'retry' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('change' as const),
      what: fc.constantFrom('suspend' as const, 'stop' as const, 'resume' as const, 'limit' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('delete' as const) }) },
);

async function happen(model: Model, one: Event): Promise<void> {
  const { azure, workloads } = model.world;
  const [pool] = azure.pools.keys();
  switch (one.is) {
    case 'turn':
      return model.turn(one.luck);
    case 'tick':
      return model.tick(one.luck);
    case 'time': {
      model.world.pass(one.minutes);
      return;
    }
    case 'mood':
      azure.mood = failures[one.failure];
      return;
    case 'azure-is-well':
      azure.mood = undefined;
      return;
    case 'pool-fails': {
      azure.fail(failures[one.failure] ?? assert.fail(one.failure));
      return;
    }
    case 'pool-vanishes':
      if (pool !== undefined) azure.pools.delete(pool);
      return;
    case 'ailing':
      if (pool !== undefined) azure.ailing.set(pool, one.how);
      return;
    case 'nodes-heal': {
      azure.ailing.clear();
      return;
    }
    case 'azure-goes-on': {
      azure.advance();
      return;
    }
    case 'pods-go-on': {
      workloads.advance();
      return;
    }
    case 'pod-crashes': {
      workloads.crash('ContainerCrashLoopBackOff');
      return;
    }
    case 'workload-vanishes': {
      workloads.vanish();
      return;
    }
    case 'change': {
      model.change(one.what);
      return;
    }
    case 'delete':
      return model.askDelete();
  }
}

/** Every life ends in one of four ways, and then nothing is written any more. */
async function assertEnds(model: Model): Promise<void> {
  await model.settle();
  const record = model.record();
  if (record === undefined) {
    assert.ok(model.over, 'the orchestration ends with its record');
    assert.deepEqual([...model.world.azure.pools.keys()], [], 'I2: a pool is left');
    assert.equal(model.world.workloads.workload, undefined, 'I2: a workload is left');
    return;
  }
  assert.equal(record.metadata.deletionTimestamp, undefined, 'a delete never ends');
  const phase = model.status()?.phase;
  assert.ok(
    phase === 'Ready' || phase === 'Failed' || phase === 'Suspended',
    `I4: stuck in ${phase ?? 'nothing'}`,
  );
  if (phase === 'Suspended') model.assertAsleep();
  // The promise of a next turn may be due for renewal once.
  await model.turn();
  await model.tick();
  // Its time may come at this very moment: then it goes, like any other.
  if (model.record()?.metadata.deletionTimestamp !== undefined) return assertEnds(model);
  const { version } = model.world.records;
  await model.turn();
  await model.tick();
  await model.turn();
  assert.equal(model.world.records.version, version, 'turns and ticks without change write nothing');
}

describe('a workspace, whatever happens in whatever order', () => {
  it(
    'keeps the invariants and ends Ready, Failed with a remedy, asleep, or gone',
    { timeout: 120_000 },
    async () => {
      const endings: Record<string, number> = {};
      await fc.assert(
        fc.asyncProperty(
          fc.array(event, { minLength: 5, maxLength: 60 }),
          fc.boolean(),
          async (events, fallback) => {
            const model = await Model.start({ fallback });
            for (const one of events) {
              await happen(model, one);
              model.check();
            }
            await assertEnds(model);
            const ending = `${model.status()?.phase ?? 'gone'}${model.climbed() ? ', on another rung' : ''}`;
            endings[ending] = (endings[ending] ?? 0) + 1;
          },
        ),
        { numRuns, seed: seed('lifecycle invariants') },
      );
      console.log('endings', endings);
    },
  );
});
