import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import { askFor, askForDelete, doors, startPlatform, untilNothingLeft } from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import type { WorkspaceState } from '../harness/workspaces.ts';
import { pools, readState, workspaceDocument } from '../harness/workspaces.ts';

/** A moment of a life at which its user changes their mind. */
interface Moment {
  when: string;
  reached: (state: WorkspaceState, pool: string | undefined) => boolean;
  faults?: FaultRulesInput;
}

const busy = { status: 409, code: 'OperationNotAllowed', message: 'another operation is in progress' };

const moments: Moment[] = [
  {
    when: 'before Azure was asked for the pool',
    reached: ({ phase }, pool) => phase === 'Provisioning' && pool === undefined,
    faults: {
      outcomes: [{ match: { operation: 'create' }, outcome: { type: 'refuse', ...busy } }],
    },
  },
  {
    when: 'while the request for its pool is on its way to Azure',
    reached: ({ phase }, pool) => phase === 'Provisioning' && pool === undefined,
    faults: {
      http: [{ match: { operation: 'AgentPools_CreateOrUpdate' }, action: { type: 'delay', seconds: 90 } }],
    },
  },
  {
    when: 'while Azure creates its pool',
    reached: (_, pool) => pool === 'Creating',
  },
  {
    when: 'while its nodes join',
    reached: ({ phase }, pool) => phase === 'Provisioning' && pool === 'Succeeded',
  },
  { when: 'while its model loads', reached: ({ phase }) => phase === 'Deploying' },
  { when: 'when it is Ready', reached: ({ phase }) => phase === 'Ready' },
  {
    when: 'when it is Degraded',
    reached: ({ phase }) => phase === 'Degraded',
    faults: {
      pods: [{ match: { name: 'gone-*' }, effect: 'crashLoop', afterSeconds: 900 }],
    },
  },
  {
    when: 'when it has Failed with its nodes kept',
    reached: ({ phase, workerNodes }) => phase === 'Failed' && workerNodes.length > 0,
    faults: { pods: [{ match: { name: 'gone-*' }, effect: 'imagePullBackOff' }] },
  },
  {
    when: 'when Azure has refused its nodes for good',
    reached: ({ phase }) => phase === 'Failed',
    faults: { limits: { quota: { StandardNCADSA100v4Family: 0 } } },
  },
];

describe('deleting at any moment leaves nothing, whichever door the delete comes by', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  afterEach(() => platform.azure.faults.clear());
  after(() => platform.stop());

  for (const [index, { when, reached, faults }] of moments.entries()) {
    it(when, async () => {
      platform.azure.faults.set(faults ?? {});
      const waiting = new Map(doors.map((door) => [`gone-${index}-${door}`, door]));
      for (const name of waiting.keys()) await askFor(platform, 'http', workspaceDocument(name));
      const uids = new Map<string, string>();
      await platform.until(`${[...waiting.keys()].join(', ')} are to be deleted ${when}`, async () => {
        const seen = await pools(platform);
        for (const [name, door] of waiting) {
          const state = readState(platform, name);
          const pool = seen.find(({ uid }) => uid === state?.uid);
          if (state === undefined || !reached(state, pool?.state)) continue;
          waiting.delete(name);
          uids.set(name, state.uid);
          await askForDelete(platform, door, name);
        }
        return waiting.size === 0;
      });
      for (const [name, uid] of uids) await untilNothingLeft(platform, name, uid);
      assert.deepEqual(await pools(platform), []);
    });
  }
});
