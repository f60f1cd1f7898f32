/**
 * Records one history of every shape that whole lives produce and adds those of new shapes to `histories/`: run it by hand when
 * orchestrators have changed (`node test/replay/record.ts`). Recorded files stay: live instances are as old as they.
 * Only while nothing is released may the folder be emptied and filled anew.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { startDurableEngine } from '../../infra/local/durable/engine.ts';
import { EventType, parseHistoryEvent } from '../../infra/local/durable/replay/history.ts';
import type { DurableEngineOptions } from '../../infra/local/functions/contract.ts';
import {
  askFor,
  askForDelete,
  startPlatform,
  uidOf,
  untilNothingLeft,
  untilPhase,
} from '../harness/lives.ts';
import { workspaceDocument } from '../harness/workspaces.ts';
import type { RecordedHistory } from './history-file.ts';
import { historiesDirectory } from './history-file.ts';

const recorded = new Map<string, RecordedHistory>();

/** Keeps what an orchestrator was given, once for every row of tasks. */
function record(orchestrator: string, payloadText: string): void {
  const payload = JSON.parse(payloadText) as RecordedHistory['payload'];
  const events = payload.history.map((event) => parseHistoryEvent(JSON.stringify(event)));
  const tasks = events.flatMap((event) => {
    if (event.EventType === EventType.TaskScheduled) return [event.Name];
    if (event.EventType === EventType.TimerCreated) return ['timer'];
    return event.EventType === EventType.EventRaised ? [`event ${event.Name}`] : [];
  });
  const shape = `${orchestrator} ${tasks.join(' ')}`;
  if (tasks.length > 0 && !recorded.has(shape)) recorded.set(shape, { orchestrator, tasks, payload });
}

function recording(options: DurableEngineOptions): ReturnType<typeof startDurableEngine> {
  const { invoker } = options;
  return startDurableEngine({
    ...options,
    invoker: {
      functions: () => invoker.functions(),
      invoke: (name, request) => {
        const trigger = invoker.functions().find((one) => one.name === name)?.trigger.type;
        if (trigger === 'orchestrationTrigger' && 'string' in request.trigger)
          record(name, request.trigger.string);
        return invoker.invoke(name, request);
      },
    },
  });
}

/** Lives that together pass through every phase and both ways out. */
async function liveThrough(): Promise<void> {
  const platform = await startPlatform({ durable: recording });
  await askFor(platform, 'http', workspaceDocument('whole'));
  await untilPhase(platform, 'whole', 'Ready');
  await platform.pass(1800);
  const uid = uidOf(platform, 'whole');
  platform.store.remove(
    { group: 'apps', version: 'v1', plural: 'statefulsets' },
    { namespace: 'default', name: 'whole' },
  );
  await platform.pass(1800);
  await askForDelete(platform, 'http', 'whole');
  await untilNothingLeft(platform, 'whole', uid);
  platform.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 0 } } });
  await askFor(platform, 'kubectl', workspaceDocument('refused'));
  await untilPhase(platform, 'refused', 'Failed');
  await askForDelete(platform, 'kubectl', 'refused');
  await platform.pass(1800);
  await askFor(platform, 'kubectl', workspaceDocument('invalid', { instanceType: 'Standard_D8ds_v5' }));
  await untilPhase(platform, 'invalid', 'Failed');
  await platform.stop();
}

await liveThrough();
const shapes = [...recorded.keys()];
for (const [shape, history] of recorded) {
  // The beginning of a longer history says nothing that the longer one does not.
  if (shapes.some((other) => other.startsWith(`${shape} `))) continue;
  const file = `${history.orchestrator}-${createHash('sha256').update(shape).digest('hex').slice(0, 8)}.json`;
  const path = `${historiesDirectory}/${file}`;
  if (existsSync(path)) continue;
  writeFileSync(path, `${JSON.stringify(history)}\n`);
  console.log(`${file}: ${history.tasks.join(', ')}`);
}
