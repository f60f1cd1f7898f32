/**
 * Random orchestrations, written as data: what to do, step by step. They obey the rules for orchestrator authors: nothing inside
 * `all` rejects, no task is yielded twice in a compound, and where timers are cancelled nothing that takes task ids later
 * (retries, timers in laps) is left running.
 */
import fc from 'fast-check';

/** A task that can stand alone or inside a compound. */
export type Step =
  | { do: 'activity'; value: number }
  | { do: 'retry'; minutes: number }
  | { do: 'timer'; minutes: number }
  | { do: 'event'; value: number }
  | { do: 'entity'; value: number }
  | { do: 'sub'; program: Program }
  | { do: 'all'; steps: Step[] }
  | { do: 'any'; steps: Step[] };

/** What only stands alone: it rejects, or takes more than one yield. */
export type Statement =
  | Step
  | { do: 'failing' }
  | { do: 'failingRetry'; attempts: number }
  | { do: 'failingSub'; attempts: number }
  | { do: 'signal'; value: number }
  | { do: 'eventOrCancelledTimer'; minutes: number };

export interface Program {
  statements: Statement[];
  /** Executions in all; above 1 the program continues as new. */
  rounds: number;
}

const day = 24 * 60;

interface Shape {
  /** Timers may be cancelled, so nothing that takes ids later may lose a race. */
  cancels: boolean;
  depth: number;
}

function steps({ cancels, depth }: Shape, inRace: boolean): fc.Arbitrary<Step> {
  const value = fc.integer({ min: 0, max: 99 });
  const takesIdsLater = inRace && cancels;
  const shortTimer = fc.record({
    do: fc.constant('timer' as const),
    minutes: fc.integer({ min: 0, max: 60 }),
  });
  const choices: fc.Arbitrary<Step>[] = [
    fc.record({ do: fc.constant('activity' as const), value }),
    shortTimer,
    fc.record({ do: fc.constant('event' as const), value }),
    fc.record({ do: fc.constant('entity' as const), value }),
  ];
  if (!takesIdsLater) {
    choices.push(
      fc.record({ do: fc.constant('retry' as const), minutes: fc.integer({ min: 0, max: 3 }) }),
      fc.record({
        do: fc.constant('timer' as const),
        minutes: fc.integer({ min: 6 * day - 1, max: 20 * day }),
      }),
    );
  }
  if (depth > 0) {
    const inner = { cancels, depth: depth - 1 };
    choices.push(
      fc.record({ do: fc.constant('sub' as const), program: programs(inner) }),
      fc.record({
        do: fc.constant('all' as const),
        steps: fc.array(steps(inner, inRace), { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        do: fc.constant('any' as const),
        steps: fc.array(steps(inner, true), { minLength: 1, maxLength: 3 }),
      }),
    );
  }
  return fc.oneof(...choices);
}

function programs(shape: Shape): fc.Arbitrary<Program> {
  const statement: fc.Arbitrary<Statement>[] = [
    steps(shape, false),
    fc.constant({ do: 'failing' as const }),
    fc.record({ do: fc.constant('failingRetry' as const), attempts: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('failingSub' as const), attempts: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ do: fc.constant('signal' as const), value: fc.integer({ min: 0, max: 99 }) }),
  ];
  if (shape.cancels) {
    statement.push(
      fc.record({
        do: fc.constant('eventOrCancelledTimer' as const),
        minutes: fc.integer({ min: 1, max: 60 }),
      }),
    );
  }
  const [first, ...others] = statement;
  return fc.record({
    statements: fc.array(fc.oneof({ arbitrary: first!, weight: 4 }, ...others), { maxLength: 6 }),
    rounds: fc.oneof({ arbitrary: fc.constant(1), weight: 3 }, fc.constant(3)),
  });
}

/** Any program an author may write. */
export const anyProgram = fc.boolean().chain((cancels) => programs({ cancels, depth: 2 }));

/** What the program must answer, whatever happens to the engine on the way. */
export function expectedOutput(program: Program): unknown {
  const once = program.statements.map(expected);
  return Array.from({ length: program.rounds }, () => once).flat();
}

function expected(statement: Statement): unknown {
  switch (statement.do) {
    case 'activity':
    case 'event':
    case 'entity':
    case 'signal':
      return statement.value;
    case 'sub':
      return expectedOutput(statement.program);
    case 'all':
      return statement.steps.map(expected);
    case 'failing':
    case 'failingRetry':
    case 'failingSub':
      return 'failed';
    case 'eventOrCancelledTimer':
      return 'event';
    case 'retry':
      return 'ready';
    case 'timer':
      return null;
    case 'any':
      // Which child wins is a race; that one of them did is all a program may rely on.
      return 'any';
  }
}

/** How many signals the program sends in all, those of its sub-orchestrations among them. */
export function signalsSent(program: Program): number {
  return program.rounds * sum(program.statements.map(signalsOf));
}

function signalsOf(statement: Statement): number {
  switch (statement.do) {
    case 'signal':
      return 1;
    case 'sub':
      return signalsSent(statement.program);
    case 'all':
    case 'any':
      return sum(statement.steps.map(signalsOf));
    default:
      return 0;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
