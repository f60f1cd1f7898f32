import type { StormOptions } from '../schedules/storm.ts';
import { Storm } from '../schedules/storm.ts';
import type { Figure } from './figure.ts';

/** How many workspaces, of one size, on how many clusters of one subscription. 90: AKS has room for 99 pools beside its own. */
const crowds: Pick<StormOptions, 'workspaces' | 'clusters'>[] = [
  { workspaces: 20, clusters: 1 },
  { workspaces: 90, clusters: 1 },
  { workspaces: 300, clusters: 5 },
];
/** More than a cluster has pools. */
const beyond = { workspaces: 300, clusters: 1 };

/** A pool for each workspace against one for all of a size, under Azure's own limits: virtual time and calls of ARM. */
export async function measureSharedPools(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const lock of ['pool', 'cluster'] as const) {
    for (const crowd of crowds) {
      // One operation at a time makes a night of what is measured for 90 already.
      const own = lock === 'pool' || crowd.clusters === 1;
      if (own) figures.push(...(await measure({ ...crowd, lock, sharing: 'dedicated' })));
      figures.push(...(await measure({ ...crowd, lock, sharing: 'shared' })));
    }
    figures.push(...(await measure({ ...beyond, lock, sharing: 'shared' })));
  }
  return figures;
}

async function measure(options: StormOptions): Promise<Figure[]> {
  const { workspaces, clusters, lock, sharing = 'dedicated' } = options;
  const storm = new Storm(options);
  const came = await storm.come();
  const gone = await storm.go();
  storm.end();
  const what = `${workspaces} on ${clusters}, one operation a ${lock}, ${sharing}`;
  const calls = (came.armCalls + gone.armCalls) / workspaces;
  return [
    { name: `${what}: until Ready, virtual`, value: came.seconds / 60, unit: 'min' },
    { name: `${what}: until gone, virtual`, value: gone.seconds / 60, unit: 'min' },
    { name: `${what}: ARM calls per workspace`, value: calls, unit: '' },
    { name: `${what}: pools`, value: came.pools, unit: '' },
  ];
}
