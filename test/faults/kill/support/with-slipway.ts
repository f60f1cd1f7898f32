import { startProcesses, startSlipway } from './slipway.ts';
import type { Slipway, SlipwayOptions } from './slipway.ts';

/** Runs a test on a product of its own. When it fails, the folder with state and logs of all processes is kept and named. */
export async function withSlipway(
  work: (slipway: Slipway) => Promise<void>,
  { unserved = false, ...options }: SlipwayOptions & { unserved?: boolean } = {},
): Promise<void> {
  const slipway = await (unserved ? startProcesses(options) : startSlipway(options));
  try {
    await work(slipway);
  } catch (error) {
    console.log(`state and logs are kept in ${slipway.folder}`);
    await slipway.end(true);
    throw error;
  }
  await slipway.end();
}
