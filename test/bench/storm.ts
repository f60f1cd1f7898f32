import { refusal } from '../../infra/local/azure/known-errors.ts';
import { PoolTag } from '../../shared/lifecycle/pool-tag.ts';
import type { Terms } from '../schedules/deeds.ts';
import { sizes } from '../schedules/deeds.ts';
import { Performer } from '../schedules/perform.ts';
import type { StormReport } from '../schedules/storm.ts';
import { Storm } from '../schedules/storm.ts';
import { tagsOf } from '../schedules/world/invariants.ts';
import { World } from '../schedules/world/world.ts';
import type { Figure } from './figure.ts';

const workspaces = 300;
const clusters = 5;
const terms: Terms = { size: 0, fallback: true, spot: false, suspended: 'no', expires: 'never' };

/** 300 workspaces on 5 clusters under Azure's limits, and what refusals cost; in one process, in virtual time. */
export async function measureStorm(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const lock of ['pool', 'cluster'] as const) {
    const storm = new Storm({ workspaces, clusters, lock });
    const how = `${workspaces} workspaces on ${clusters} clusters, one operation a ${lock}`;
    figures.push(...toFigures(`${how}: until Ready`, await storm.come()));
    figures.push(...toFigures(`${how}: until gone`, await storm.go()));
    storm.end();
  }
  return [...figures, ...(await measureRefusals())];
}

function toFigures(what: string, { seconds, armCalls, throttled, conflicts }: StormReport): Figure[] {
  return [
    { name: `${what}, virtual`, value: seconds / 60, unit: 'min' },
    { name: `${what}, ARM calls per workspace`, value: armCalls / workspaces, unit: '' },
    { name: `${what}, answers 429`, value: throttled, unit: '', aim: { atMost: 0 } },
    { name: `${what}, answers 409`, value: conflicts, unit: '' },
  ];
}

/** From the post to the pool that Azure accepts, virtual seconds: what a refusal of the first size adds for who meets it, and for the next. */
async function measureRefusals(): Promise<Figure[]> {
  const world = new World({ timings: {} });
  const performer = new Performer(world);
  await world.pass(60);
  const hasPool = (name: string): boolean =>
    world.azure.pools.some(({ properties }) => tagsOf(properties)[PoolTag.workspace]?.endsWith(`/${name}`));
  const timeToPool = async (name: string): Promise<number> => {
    // Every one begins in a quiet cluster.
    await world.pass(1200);
    const began = world.clock.now();
    await performer.apply(name, terms);
    if (!(await world.until(() => hasPool(name), 7200))) throw new Error(`${name} has no pool`);
    return (world.clock.now() - began) / 1000;
  };
  const plain = await timeToPool('ada');
  const match = { vmSize: sizes[0] ?? '', operation: 'create' as const };
  world.azure.context.state.faults.set({ outcomes: [{ match, outcome: refusal('size not allowed') }] });
  const climbed = await timeToPool('bo');
  const knowing = await timeToPool('cy');
  world.stop();
  return [
    { name: 'time lost to a refusal and the climb, virtual', value: climbed - plain, unit: 's' },
    {
      name: 'time lost to a refusal that is known, virtual',
      value: knowing - plain,
      unit: 's',
      aim: { atMost: 0 },
    },
  ];
}
