/** The app under test: one real orchestrator that carries out a program, and the activities and entity it uses. */
import '../../../integration/durable/support/functions-core.ts';
import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import type { Program, Statement, Step } from './program.ts';

/** What activities reach outside the orchestration: set it to the engine that runs. */
export interface World {
  /** Virtual epoch milliseconds. */
  now(): number;
  raise(instanceId: string, event: string, data: unknown): Promise<void>;
}

let world: World | undefined;

export function setWorld(given: World): void {
  world = given;
}

interface RunInput {
  program: Program;
  round: number;
  answers: unknown[];
}

const minute = 60_000;
const wallet = new df.EntityId('wallet', 'shared');

df.app.activity('value', { handler: (value: number) => value });
df.app.activity('fail', {
  handler: () => {
    throw new Error('as told');
  },
});
df.app.activity('readyAt', {
  handler: (at: number) => {
    if ((world?.now() ?? 0) < at) throw new Error('not ready');
    return 'ready';
  },
});
df.app.activity('raise', {
  handler: async ({ instanceId, event, data }: { instanceId: string; event: string; data: unknown }) =>
    world?.raise(instanceId, event, data),
});
df.app.entity('wallet', (context) => {
  if (context.df.operationName === 'show') context.df.return(context.df.getInput());
  else context.df.setState(Number(context.df.getState(() => 0)) + 1);
});
df.app.orchestration('failingChild', function* (context) {
  yield context.df.callActivity('value', 1);
  throw new Error('as told');
});
df.app.orchestration('interpret', function* (context) {
  const { program, round, answers } = context.df.getInput<RunInput>();
  const run = new Run(context, round);
  for (const statement of program.statements) answers.push(yield* run.perform(statement));
  if (round < program.rounds) context.df.continueAsNew({ program, round: round + 1, answers });
  return answers;
});

export function firstInput(program: Program): RunInput {
  return { program, round: 1, answers: [] };
}

type Steps = Generator<Task, unknown, unknown>;

class Run {
  readonly #context: OrchestrationContext;
  readonly #round: number;
  #events = 0;

  constructor(context: OrchestrationContext, round: number) {
    this.#context = context;
    this.#round = round;
  }

  *perform(statement: Statement): Steps {
    const { df: durable } = this.#context;
    switch (statement.do) {
      case 'failing':
        return yield* failed(durable.callActivity('fail'));
      case 'failingRetry':
        return yield* failed(
          durable.callActivityWithRetry('fail', new df.RetryOptions(minute, statement.attempts)),
        );
      case 'failingSub':
        return yield* failed(
          durable.callSubOrchestratorWithRetry(
            'failingChild',
            new df.RetryOptions(minute, statement.attempts),
            {},
          ),
        );
      case 'signal':
        durable.signalEntity(wallet, 'count', statement.value);
        return statement.value;
      case 'eventOrCancelledTimer': {
        const event = yield* this.#announcedEvent('event');
        const timer = durable.createTimer(this.#after(statement.minutes + 30 * 24 * 60));
        return yield* this.#race(event, timer);
      }
      default: {
        const prepared = yield* this.#task(statement);
        const result: unknown = yield prepared;
        return answer(statement, result);
      }
    }
  }

  *#race(event: Task, timer: ReturnType<OrchestrationContext['df']['createTimer']>): Steps {
    const winner: unknown = yield this.#context.df.Task.any([event, timer]);
    if (winner !== timer) timer.cancel();
    return winner === event ? event.result : 'timer';
  }

  /** The task of one step; steps that need preparation yield first. */
  *#task(step: Step): Generator<Task, Task, unknown> {
    const { df: durable } = this.#context;
    switch (step.do) {
      case 'activity':
        return durable.callActivity('value', step.value);
      case 'retry': {
        const retry = new df.RetryOptions(minute, step.minutes + 1);
        return durable.callActivityWithRetry('readyAt', retry, this.#after(step.minutes).getTime());
      }
      case 'timer':
        return durable.createTimer(this.#after(step.minutes));
      case 'event':
        return yield* this.#announcedEvent(step.value);
      case 'entity':
        return durable.callEntity(wallet, 'show', step.value);
      case 'sub':
        return durable.callSubOrchestrator('interpret', firstInput(step.program));
      case 'all':
      case 'any': {
        const tasks: Task[] = [];
        for (const child of step.steps) tasks.push(yield* this.#task(child));
        return step.do === 'all' ? durable.Task.all(tasks) : durable.Task.any(tasks);
      }
    }
  }

  /** An event nobody else waits for, already on its way. The activity may run twice, so a name is never used again. */
  *#announcedEvent(data: unknown): Generator<Task, Task, unknown> {
    const { df: durable } = this.#context;
    this.#events += 1;
    const event = `event-${this.#round}-${this.#events}`;
    yield durable.callActivity('raise', { instanceId: durable.instanceId, event, data });
    return durable.waitForExternalEvent(event);
  }

  #after(minutes: number): Date {
    return new Date(this.#context.df.currentUtcDateTime.getTime() + minutes * minute);
  }
}

function* failed(task: Task): Steps {
  try {
    yield task;
  } catch {
    return 'failed';
  }
  return 'did not fail';
}

/** What a step answers, races reduced to the fact that they ended. */
function answer(step: Step, result: unknown): unknown {
  switch (step.do) {
    case 'timer':
      return null;
    case 'any':
      return 'any';
    case 'all':
      return step.steps.map((child, index) =>
        answer(child, Array.isArray(result) ? result[index] : undefined),
      );
    default:
      return result;
  }
}
