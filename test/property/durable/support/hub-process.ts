/**
 * An engine in a process of its own, to be killed: starts (or resumes) the programs of the assignment named on the command
 * line, tells its parent when it is at work, and later how everything ended.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { ScaledClock } from '../../../../infra/local/clock/scaled-clock.ts';
import { startDurableEngine } from '../../../../infra/local/durable/engine.ts';
import { invoker } from '../../../integration/durable/support/functions-core.ts';
import { callEngine, parseStatus } from '../../../integration/durable/support/rig.ts';
import { setWorld } from './interpreter.ts';

const assignment = z
  .object({
    file: z.string(),
    clock: z.object({ realStart: z.number(), virtualStart: z.number(), speed: z.number() }),
    /** First inputs of the orchestrations `p-0`, `p-1`, ... */
    inputs: z.array(z.unknown()),
  })
  .parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));

const clock = new ScaledClock(assignment.clock);
const engine = startDurableEngine({
  file: assignment.file,
  hubName: 'KilledHub',
  clock,
  invoker,
  maxConcurrentActivities: 4,
  maxConcurrentOrchestrations: 4,
  log: (level, message) => {
    if (level === 'error') console.error(message);
  },
});
setWorld({
  now: () => clock.now(),
  raise: async (id, event, body) => {
    await callEngine(engine, { method: 'POST', pathAndQuery: `instances/${id}/raiseEvent/${event}`, body });
  },
});

engine.start();
for (const [index, body] of assignment.inputs.entries()) {
  const known = await callEngine(engine, { method: 'GET', pathAndQuery: `instances/p-${index}` });
  if (known.status === 404) {
    await callEngine(engine, { method: 'POST', pathAndQuery: `orchestrators/interpret/p-${index}`, body });
  }
}
process.send?.({ kind: 'working' });

const endings: unknown[] = [];
for (const index of assignment.inputs.keys()) {
  for (;;) {
    const { status, body } = await callEngine(engine, {
      method: 'GET',
      pathAndQuery: `instances/p-${index}`,
    });
    if (status === 200) {
      const { runtimeStatus, output } = parseStatus(body);
      endings.push({ runtimeStatus, output });
      break;
    }
    await delay(5);
  }
}
process.send?.({ kind: 'ended', endings });
// Holds the file until it is dismissed or killed.
await once(process, 'message');
await engine.stop();
process.disconnect();
