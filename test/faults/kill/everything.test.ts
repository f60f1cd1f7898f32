import { it } from 'node:test';
import { killWhileRequested } from './support/killed-while-requested.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { withSlipway } from './support/with-slipway.ts';

it('everything killed at once, again and again, loses no workspace and doubles none', async () => {
  const random = SeededRandom.announced('kill everything');
  await withSlipway((slipway) => killWhileRequested(slipway, ['servicebus', 'azure', 'functions'], random));
});
