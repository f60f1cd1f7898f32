/**
 * Orchestrations per second of the Durable engine on a file, with the real SDK: each calls six activities, sleeps on six
 * durable timers (the stepped clock takes no real time for those) and continues as new five times. Prints figures, asserts nothing.
 *
 *   node test/bench/durable-engine.ts [orchestrations, default 200]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { invoker } from '../integration/durable/support/functions-core.ts';
import * as df from 'durable-functions';
import { Rig, parseList } from '../integration/durable/support/rig.ts';

const rounds = 6;

let episodes = 0;
df.app.activity('add', { handler: ([a, b]: [number, number]) => a + b });
df.app.orchestration('benchmark', function* (context) {
  const [round, sum] = context.df.getInput<[number, number]>();
  const next: unknown = yield context.df.callActivity('add', [sum, round]);
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
  if (round < rounds) context.df.continueAsNew([round + 1, next]);
  return next;
});

const count = Number(process.argv[2] ?? 200);
const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const counting = {
  functions: () => invoker.functions(),
  invoke: (...call: Parameters<typeof invoker.invoke>) => {
    episodes += call[0] === 'benchmark' ? 1 : 0;
    return invoker.invoke(...call);
  },
};
const rig = Rig.started({ file: join(folder, 'hub.db'), invoker: counting });
const started = performance.now();
for (let n = 0; n < count; n += 1) await rig.start('benchmark', [1, 0]);
for (;;) {
  if (!rig.engine.idle()) await nextTurn();
  else if (!rig.clock.step()) break;
}
const seconds = (performance.now() - started) / 1000;
const { body } = await rig.call('GET', `instances?runtimeStatus=Completed&top=${count}`);
const figures = {
  orchestrations: count,
  completed: parseList(body).length,
  seconds: Number(seconds.toFixed(2)),
  orchestrationsPerSecond: Math.round(count / seconds),
  episodesPerSecond: Math.round(episodes / seconds),
  rssMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
};
console.table(figures);
console.log(JSON.stringify(figures));
await rig.engine.stop();
await rm(folder, { recursive: true });
