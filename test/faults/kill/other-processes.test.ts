import { setTimeout as pause } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { ProcessName } from '../../../infra/local/platform/process-name.ts';
import { assertDeletedOnce, assertMadeOnce, untilNothingIsLeft, untilReady } from './support/expectations.ts';
import { requestCreation, requestDeletion, wantedWorkspaces } from './support/requests.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { testSlipway } from './support/test-slipway.ts';

const everything: ProcessName[] = ['servicebus', 'azure', 'functions'];

describe('processes that the app depends on, killed while it works', { concurrency: false }, () => {
  for (const [what, victims] of [
    ['the broker', ['servicebus']],
    ['simulated Azure', ['azure']],
    ['everything at once', everything],
  ] as const) {
    it(`${what}: every workspace is made once and goes`, async (test) => {
      const random = SeededRandom.announced(`kill ${what}`);
      const slipway = await testSlipway(test);
      const { platform } = slipway;
      const wanted = wantedWorkspaces(4);
      const names = wanted.map(({ name }) => name);

      /** Requests come while their receivers die. */
      const killWhile = async (request: (index: number) => Promise<void>): Promise<void> => {
        for (const index of wanted.keys()) {
          const requested = request(index);
          requested.catch(() => undefined);
          await pause(random.between(0, 1500));
          await Promise.all(victims.map((name) => platform.kill(name)));
          await Promise.all(victims.map((name) => platform.restarted(name)));
          await requested;
        }
      };

      await killWhile(async (index) => requestCreation(slipway, wanted[index]!));
      await untilReady(slipway, names);
      await assertMadeOnce(slipway, names);
      await killWhile(async (index) => requestDeletion(slipway, wanted[index]!));
      await untilNothingIsLeft(slipway);
      await assertDeletedOnce(slipway);
    });
  }
});
