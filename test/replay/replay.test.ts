import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SteppedClock } from '../../infra/local/clock/stepped-clock.ts';
import { disagreement, sdkTaskCount } from '../../infra/local/durable/replay/determinism.ts';
import { parseHistoryEvent } from '../../infra/local/durable/replay/history.ts';
import { readOrchestratorResult } from '../../infra/local/durable/replay/orchestrator-result.ts';
import { walk } from '../../infra/local/durable/replay/simulator.ts';
import type { DurableEngineOptions, FunctionInvoker } from '../../infra/local/functions/contract.ts';
import type { FunctionsHost } from '../../infra/local/functions/host.ts';
import { startFunctionsHost } from '../../infra/local/functions/host.ts';
import { ensureBuilt } from '../../infra/local/platform/app-build.ts';
import type { RecordedHistory } from './history-file.ts';
import { readHistories } from './history-file.ts';

describe('histories of live workspaces under the code of today', () => {
  let host: FunctionsHost;
  let invoker: FunctionInvoker;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-replay-'));
    host = await startFunctionsHost({
      appDirectory: await ensureBuilt(() => undefined),
      port: 0,
      clock: new SteppedClock(),
      dataDirectory: directory,
      disabledTriggers: ['timerTrigger', 'serviceBusTrigger', 'httpTrigger'],
      settings: {},
      durable: (options: DurableEngineOptions) => {
        ({ invoker } = options);
        // The code alone is run: no instance, no activity.
        return {
          start: () => undefined,
          stop: () => Promise.resolve(),
          idle: () => true,
          handle: () => Promise.resolve({ status: 503, headers: {}, body: '' }),
        };
      },
    });
  });
  after(async () => {
    await host.stop(0);
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs the orchestrator over a history; answers why it does not fit, if it does not. */
  const replay = async ({ orchestrator, payload }: RecordedHistory): Promise<string | undefined> => {
    const invocation = await invoker.invoke(orchestrator, {
      trigger: { string: JSON.stringify(payload) },
      reason: 'replay',
    });
    const result = readOrchestratorResult(invocation);
    assert.equal(result.error, undefined);
    const history = payload.history.map((event) => parseHistoryEvent(JSON.stringify(event)));
    return disagreement(walk(result.actions, history), history, {
      count: sdkTaskCount(invocation.context),
      ended: result.isDone,
    });
  };

  const histories = readHistories();

  it('there are some of both orchestrations', () => {
    const names = new Set(histories.map(({ orchestrator }) => orchestrator));
    assert.deepEqual([...names].sort(), ['clusterLifecycle', 'workspaceLifecycle']);
  });

  for (const history of histories) {
    it(`${history.file}: ${history.tasks.join(', ')}`, async () => {
      assert.equal(await replay(history), undefined);
    });
  }

  it('a history of other code is noticed', async () => {
    const [history] = histories.filter(({ tasks }) => tasks.includes('planWorkspace'));
    assert.ok(history);
    const text = JSON.stringify(history.payload).replaceAll('"planWorkspace"', '"planNothing"');
    const changed = { ...history, payload: JSON.parse(text) as RecordedHistory['payload'] };
    assert.match((await replay(changed)) ?? '', /Non-deterministic/);
  });
});
