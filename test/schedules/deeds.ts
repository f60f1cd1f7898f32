/** What can happen in a schedule: users' wishes, Azure's answers, misfortune. Plain data, so that a schedule can be printed and shortened. */
import fc from 'fast-check';
import type { ErrorName } from '../../infra/local/azure/known-errors.ts';

/** What a workspace asks for. */
export interface Terms {
  size: number;
  fallback: boolean;
  spot: boolean;
  /** Its nodes are a share of a pool. */
  shared?: boolean;
  suspended: 'no' | 'scale-to-zero' | 'stop';
  /** What comes {@link timeToLiveMinutes} after its creation. */
  expires: 'never' | 'delete' | 'suspend';
}

export type Deed =
  | ({ is: 'apply'; who: number } & Terms)
  | {
      is: 'pool-vanishes' | 'evict' | 'nodes-heal' | 'workload-vanishes' | 'pods-crash';
      who: number;
    }
  | { is: 'retry' | 'delete'; who: number }
  | { is: 'cluster-stops' | 'cluster-starts' }
  | { is: 'ail'; who: number; how: 'not-ready' | 'no-gpu' }
  | { is: 'orchestrator-lost'; who: number }
  | { is: 'task-hub-lost' | 'azure-is-well' }
  | {
      is: 'refuse';
      how: ErrorName;
      later: boolean;
      size: number | null;
      spot: boolean;
      operation: 'create' | 'update' | 'delete' | 'deleteMachines';
      times: number;
    }
  | { is: 'slow' | 'stuck'; times: number }
  | {
      is: 'arm';
      how: 'throttles' | 'fails' | 'breaks' | 'answers get lost';
      operation: 'List' | 'Get' | 'CreateOrUpdate' | 'Delete';
      times: number;
    }
  | { is: 'api-silent'; seconds: number }
  | { is: 'api-answers-lost'; count: number };

/** A deed, and how long nothing new happens after it, seconds. */
export interface Step {
  deed: Deed;
  then: number;
}

export interface Schedule {
  /** Seed of loss, doubling, lateness and deaths; 0: none. */
  chance: number;
  lock: 'pool' | 'cluster';
  steps: Step[];
}

export const timeToLiveMinutes = 20;

/** Workspaces that a schedule is about. */
export const names = ['ada', 'bo', 'cy'];
/** Sizes that hold the model of the test; the later ones are fallbacks of the first. */
export const sizes = ['Standard_NC24ads_A100_v4', 'Standard_NC48ads_A100_v4', 'Standard_NC40ads_H100_v5'];

const who = fc.nat(names.length - 1);
const size = fc.nat(sizes.length - 1);
const times = fc.integer({ min: 1, max: 3 });
const usually = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const terms = {
  size,
  fallback: fc.boolean(),
  spot: fc.boolean(),
  shared: fc.boolean(),
  suspended: usually<Terms['suspended']>('no', 'scale-to-zero', 'stop'),
  expires: usually<Terms['expires']>('never', 'delete', 'suspend'),
};

/** Refusals that mean something to the one who asked; the rest of the catalogue is gone through by the fault matrix. */
const telling: ErrorName[] = [
  'family quota',
  'spot quota',
  'regional quota',
  'size not allowed',
  'size restricted',
  'zone without capacity',
  'region without capacity',
  'another operation',
  'another pool operation',
  'eTag of an operation in progress',
  'pre-empted',
  'throttled by AKS',
  'throttled by Compute',
  'subnet full',
  'forbidden by policy',
  'no permission',
  'node set-up failed',
  'invalid field',
];

export const applying: fc.Arbitrary<Deed> = fc.record({ is: fc.constant('apply' as const), who, ...terms });

const wishes: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: applying },
  { weight: 2, arbitrary: fc.record({ is: fc.constantFrom('retry' as const, 'delete' as const), who }) },
);

const azureSays: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('refuse' as const),
      how: fc.constantFrom(...telling),
      later: fc.boolean(),
      size: fc.option(size),
      spot: fc.boolean(),
      operation: fc.constantFrom(
        'create' as const,
        'create' as const,
        'update' as const,
        'delete' as const,
        'deleteMachines' as const,
      ),
      times,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constantFrom('slow' as const, 'stuck' as const), times: fc.constant(1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('arm' as const),
      how: fc.constantFrom(
        'throttles' as const,
        'fails' as const,
        'breaks' as const,
        'answers get lost' as const,
      ),
      operation: fc.constantFrom(
        'List' as const,
        'Get' as const,
        'CreateOrUpdate' as const,
        'Delete' as const,
      ),
      times,
    }),
  },
  { weight: 2, arbitrary: fc.constant<Deed>({ is: 'azure-is-well' }) },
);

const misfortune: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constantFrom(
        'pool-vanishes' as const,
        'evict' as const,
        'nodes-heal' as const,
        'workload-vanishes' as const,
        'pods-crash' as const,
      ),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('ail' as const),
      who,
      how: fc.constantFrom('not-ready' as const, 'no-gpu' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('api-silent' as const), seconds: fc.constantFrom(30, 300, 900) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('api-answers-lost' as const),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Deed>({ is: 'cluster-stops' }, { is: 'cluster-starts' }) },
);

const crash: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant('orchestrator-lost' as const), who: fc.nat(names.length) }),
  },
  { weight: 1, arbitrary: fc.constant<Deed>({ is: 'task-hub-lost' }) },
);

const then = fc.constantFrom(0, 1, 5, 20, 60, 60, 120, 300, 900);
const stepOf = (deed: fc.Arbitrary<Deed>): fc.Arbitrary<Step> => fc.record({ deed, then });
const chance = fc.nat(2 ** 31);
const lock = fc.constantFrom('pool' as const, 'cluster' as const);
const first = stepOf(applying);

/** Anything, in any order. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  chance,
  lock,
  steps: fc
    .tuple(
      first,
      fc.array(
        stepOf(
          fc.oneof(
            { weight: 5, arbitrary: wishes },
            { weight: 4, arbitrary: azureSays },
            { weight: 4, arbitrary: misfortune },
            { weight: 1, arbitrary: crash },
          ),
        ),
        { minLength: 3, maxLength: 14 },
      ),
    )
    .map(([one, others]) => [one, ...others]),
});

/** Wishes and crashes only: with and without the crashes, the end must be the same. */
export const crashSchedule: fc.Arbitrary<Schedule> = fc.record({
  chance: chance.map((seed) => seed + 1),
  lock,
  steps: fc
    .tuple(
      first,
      fc.array(stepOf(fc.oneof({ weight: 3, arbitrary: wishes }, { weight: 1, arbitrary: crash })), {
        minLength: 2,
        maxLength: 8,
      }),
    )
    .map(([one, others]) => [one, ...others]),
});

export function isCrash({ is }: Deed): boolean {
  return is === 'orchestrator-lost' || is === 'task-hub-lost';
}
