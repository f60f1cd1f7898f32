import type { Clock } from '../clock/clock.ts';
import type { FunctionInvoker, LogLevel, RegisteredFunction } from '../functions/contract.ts';
import type { TaskHub } from './store/task-hub.ts';

/** What every part of the engine works with. */
export interface EngineParts {
  hub: TaskHub;
  hubName: string;
  clock: Clock;
  invoker: FunctionInvoker;
  log(level: LogLevel, message: string): void;
}

export type DurableTrigger = 'orchestrationTrigger' | 'activityTrigger' | 'entityTrigger';

/** The app's function of that name and trigger. Names ignore case, as in the .NET host. */
export function durableFunction(
  invoker: FunctionInvoker,
  trigger: DurableTrigger,
  name: string,
): RegisteredFunction | undefined {
  const wanted = name.toLowerCase();
  return invoker
    .functions()
    .find((known) => known.trigger.type === trigger && known.name.toLowerCase() === wanted);
}

/** Says that a function is missing, and which there are. */
export function missingFunction(invoker: FunctionInvoker, trigger: DurableTrigger, name: string): string {
  const kind = { orchestrationTrigger: 'orchestrator', activityTrigger: 'activity', entityTrigger: 'entity' }[
    trigger
  ];
  const known = invoker.functions().filter((registered) => registered.trigger.type === trigger);
  const names = known.map((registered) => registered.name).join(', ');
  return `The function '${name}' doesn't exist, is disabled, or is not an ${kind} function. Known ${kind} functions: ${names || 'none'}.`;
}
