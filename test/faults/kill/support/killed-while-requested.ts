import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessName } from '../../../../infra/local/platform/process-name.ts';
import { assertDeletedOnce, assertMadeOnce, untilNothingIsLeft, untilReady } from './expectations.ts';
import { requestCreation, requestDeletion, wantedWorkspaces } from './requests.ts';
import type { Wanted } from './requests.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Slipway } from './slipway.ts';

/** Makes and deletes four workspaces; with each request, `victims` die at a random moment of the second and a half after it. */
export async function killWhileRequested(
  slipway: Slipway,
  victims: readonly ProcessName[],
  random: SeededRandom,
): Promise<void> {
  const { platform } = slipway;
  const wanted = wantedWorkspaces(4);
  const names = wanted.map(({ name }) => name);

  const killWhile = async (request: (one: Wanted) => Promise<void>): Promise<void> => {
    for (const one of wanted) {
      const requested = request(one);
      // Awaited below: until then its failure is nobody's.
      requested.catch(() => undefined);
      await pause(random.between(0, 1500));
      await Promise.all(victims.map((name) => platform.kill(name)));
      await Promise.all(victims.map((name) => platform.restarted(name)));
      await requested;
    }
  };

  await killWhile((one) => requestCreation(slipway, one));
  await untilReady(slipway, names);
  await assertMadeOnce(slipway, names);
  await killWhile((one) => requestDeletion(slipway, one));
  await untilNothingIsLeft(slipway);
  await assertDeletedOnce(slipway);
}
