/**
 * The Durable engine: runs the orchestrations, activities and entities of a `durable-functions` 3.5 app with their state
 * in one SQLite file. See README.md for how the parts fit.
 */
import type {
  DurableEngine,
  DurableEngineOptions,
  DurableHttpRequest,
  DurableHttpResponse,
} from '../functions/contract.ts';
import type { EngineParts } from './engine-parts.ts';
import { serve } from './http/router.ts';
import { jsonResponse } from './http/response.ts';
import { TaskHub } from './store/task-hub.ts';
import { Dispatcher } from './work/dispatcher.ts';

/** Real time given to running work when `stop` is called without a grace. */
const usualGraceMilliseconds = 5_000;

/**
 * Opens the task hub; work begins with `start()`, the HTTP surface serves at once.
 * Throws TaskHubInUse when another engine holds the file.
 */
export function startDurableEngine(options: DurableEngineOptions): DurableEngine {
  const { hubName, clock, invoker, maxConcurrentActivities, maxConcurrentOrchestrations } = options;
  const hub = new TaskHub(options.file);
  const parts: EngineParts = {
    hub,
    hubName,
    clock,
    invoker,
    log: (level, message) => options.log(level, message),
  };
  const dispatcher = new Dispatcher(parts, { maxConcurrentActivities, maxConcurrentOrchestrations });
  let stopped: Promise<void> | undefined;

  async function stop(graceMilliseconds: number): Promise<void> {
    const drained = dispatcher.drain();
    if (graceMilliseconds > 0) await within(drained, graceMilliseconds);
    hub.close();
  }

  return {
    start: () => dispatcher.start(),
    stop: (graceMilliseconds = usualGraceMilliseconds) => (stopped ??= stop(graceMilliseconds)),
    handle: async (request: DurableHttpRequest): Promise<DurableHttpResponse> => {
      if (!hub.isOpen) return jsonResponse(503, { message: 'The Durable engine has stopped.' });
      return serve({ ...parts, whenEnded: (id, listener) => dispatcher.whenEnded(id, listener) }, request);
    },
    idle: () => dispatcher.idle,
  };
}

/** Waits for `work`, but in real time no longer than `milliseconds`. */
async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
