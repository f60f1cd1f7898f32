import { it } from 'node:test';
import { killWhileRequested } from './support/killed-while-requested.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { withSlipway } from './support/with-slipway.ts';

it('a broker killed under the app loses no workspace and doubles none', async () => {
  const random = SeededRandom.announced('kill broker');
  await withSlipway((slipway) => killWhileRequested(slipway, ['servicebus'], random));
});
