import type { HostFunction } from './invoker.ts';
import type { AppFunction } from './worker/app-registrations.ts';
import type { LoadedApp } from './worker/load-app.ts';

/** Trigger types that only the owner of the Durable store runs. */
const durableTriggers = ['orchestrationtrigger', 'activitytrigger', 'entitytrigger'];

/** A registered function with its trigger looked up: the one binding whose type ends in `Trigger`. */
function toHostFunction(app: AppFunction): HostFunction {
  const { name, bindings } = app.metadata;
  const found = Object.entries(bindings).find(
    ([, { type }]) => typeof type === 'string' && /trigger$/i.test(type),
  );
  if (found === undefined) throw new Error(`The function '${name}' has no trigger binding.`);
  const [triggerName, options] = found;
  return { name, bindings, app, trigger: { name: triggerName, type: String(options['type']), options } };
}

/**
 * The app's functions that this host serves: those named in `only` (all without it), and no orchestration, activity or
 * entity when the Durable store belongs to another host. Throws when `only` names a function the app does not have.
 */
export function selectFunctions(
  { registrations }: LoadedApp,
  { only, isDurableRemote }: { only: readonly string[] | undefined; isDurableRemote: boolean },
): HostFunction[] {
  const all = [...registrations.functions.values()].map(toHostFunction);
  const wanted = only?.map((name) => name.toLowerCase());
  const unknown = wanted?.filter((name) => !all.some((fn) => fn.name.toLowerCase() === name)) ?? [];
  if (unknown.length > 0) throw new Error(`The app has no function named ${unknown.join(', ')}.`);
  return all.filter((fn) => {
    if (wanted !== undefined && !wanted.includes(fn.name.toLowerCase())) return false;
    return !(isDurableRemote && durableTriggers.includes(fn.trigger.type.toLowerCase()));
  });
}
