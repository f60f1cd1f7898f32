import type { TestContext } from 'node:test';
import { startSlipway } from './slipway.ts';
import type { Slipway, SlipwayOptions } from './slipway.ts';

/** A running product that ends with its test. Of a failed test the folder is kept and named, with the logs of all processes. */
export async function testSlipway(test: TestContext, options?: SlipwayOptions): Promise<Slipway> {
  const slipway = await startSlipway(options);
  test.after(async () => {
    if (!test.passed) console.log(`kept for you: ${slipway.folder}`);
    await slipway.end(!test.passed);
  });
  return slipway;
}
