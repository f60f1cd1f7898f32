import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../clock/clock.ts';
import type { Screen } from './screen.ts';
import type { SlipwayApi } from './slipway-api.ts';
import { workspaceTable } from './table.ts';
import type { WorkspaceView } from './workspace-view.ts';

/** It did not come to an end in the time that the demo allows. */
export class TimedOut extends Error {
  constructor(what: string, seconds: number) {
    super(`${what} did not happen within ${seconds} s.`);
    this.name = 'TimedOut';
  }
}

export interface WatchOptions {
  api: SlipwayApi;
  clock: Clock;
  screen: Screen;
  names: readonly string[];
  /** What is waited for, for the message when it does not come. */
  what: string;
  /** Real seconds. */
  withinSeconds: number;
  /** Called with the workspaces that exist; may throw to give up. */
  done: (workspaces: WorkspaceView[]) => boolean;
}

/** Real time between two looks. */
const lookEveryMilliseconds = 400;

/** Shows the table and every new line of the trails until `done`. */
export async function watchWorkspaces(options: WatchOptions, told: Set<string>): Promise<void> {
  const { api, clock, screen, names, done } = options;
  const deadline = performance.now() + options.withinSeconds * 1000;
  for (;;) {
    for (const name of names) {
      for (const { time, what, why } of await api.trail(name)) {
        const line = `${time.slice(11, 19)}  ${name}  ${what}${why === '' ? '' : `: ${why}`}`;
        if (!told.has(line)) screen.print(line);
        told.add(line);
      }
    }
    const looks = await Promise.all(names.map((name) => api.get(name)));
    const workspaces = looks.filter((look) => look !== undefined);
    screen.show(workspaces.length === 0 ? [] : workspaceTable(workspaces, clock.now()));
    if (done(workspaces)) break;
    const rejected = workspaces.length < names.length ? await api.rejected() : [];
    if (rejected.length > 0)
      throw new Error(`The app rejected what was sent to the queue: ${rejected.join('; ')}`);
    if (performance.now() > deadline) throw new TimedOut(options.what, options.withinSeconds);
    await pause(lookEveryMilliseconds);
  }
  screen.settle();
}
