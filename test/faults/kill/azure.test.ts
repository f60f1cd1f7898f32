import { it } from 'node:test';
import { killWhileRequested } from './support/killed-while-requested.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { withSlipway } from './support/with-slipway.ts';

it('an ARM and a cluster that die under the app lose no workspace and double none', async () => {
  const random = SeededRandom.announced('kill azure');
  await withSlipway((slipway) => killWhileRequested(slipway, ['azure'], random));
});
