import { join } from 'node:path';
import { z } from 'zod';
import { ScaledClock } from '../clock/scaled-clock.ts';
import type { ClockSetting } from '../clock/scaled-clock.ts';
import { readJson } from './read-file.ts';
import { writeJson } from './write-file.ts';

const remembered = z.object({
  setting: z.object({ realStart: z.number(), virtualStart: z.number(), speed: z.number().positive() }),
  /** Virtual time at the last sign of life, epoch milliseconds. */
  lastSeen: z.number(),
  /** False while it runs, and after a crash: virtual time then went on for an unknown while after `lastSeen`. */
  stopped: z.boolean(),
});

/** How often virtual time is written down; a supervisor that was killed may have run this much longer than it wrote. */
const heartbeatMilliseconds = 2_000;

/** The platform's virtual time, which stands still while the platform is down and never goes back. */
export interface VirtualTime {
  setting: ClockSetting;
  clock: ScaledClock;
  /** Writes down how far time has come; call once when the platform stops. */
  stop(): void;
}

/**
 * Goes on from where the last run in this state folder ended, at `speed`. Never behind the wall clock: at speed 1, and
 * on first use, virtual time is real time.
 */
export function startVirtualTime(stateDirectory: string, speed: number): VirtualTime {
  const file = join(stateDirectory, 'clock.json');
  const before = readJson(file, remembered);
  const realStart = Date.now();
  const virtualStart = before === undefined ? realStart : Math.max(realStart, resumeAt(before));
  const setting = { realStart, virtualStart, speed };
  const clock = new ScaledClock(setting);
  const remember = (stopped: boolean): void => writeJson(file, { setting, lastSeen: clock.now(), stopped });
  remember(false);
  const heartbeat = setInterval(() => remember(false), heartbeatMilliseconds);
  heartbeat.unref();
  return {
    setting,
    clock,
    stop() {
      clearInterval(heartbeat);
      remember(true);
    },
  };
}

/** The latest moment that the last run can have reached; a crash counts five heartbeats, as a busy machine may miss some. */
function resumeAt({ setting, lastSeen, stopped }: z.output<typeof remembered>): number {
  if (stopped) return lastSeen;
  return Math.min(new ScaledClock(setting).now(), lastSeen + 5 * heartbeatMilliseconds * setting.speed);
}
