import type { Clock, Scheduled } from './clock.ts';

/** Where virtual time stands at a real moment, and how fast it runs. Processes that share these numbers agree on the time. */
export interface ClockSetting {
  /** Real epoch milliseconds at which `virtualStart` held. */
  realStart: number;
  /** Virtual epoch milliseconds at `realStart`. */
  virtualStart: number;
  /** Virtual milliseconds per real millisecond; 1 is real time. */
  speed: number;
}

/** `setTimeout` fires at once for delays above 2^31 - 1 ms, so longer waits are taken in laps. */
const longestTimeout = 2_147_483_647;

/** Time that runs `speed` times as fast as the wall clock. */
export class ScaledClock implements Clock {
  readonly setting: ClockSetting;

  constructor(setting: ClockSetting) {
    if (!(setting.speed > 0)) throw new RangeError(`clock speed must be above 0, got ${setting.speed}`);
    this.setting = setting;
  }

  /** Real time: virtual and wall clock agree. */
  static realTime(): ScaledClock {
    return new ScaledClock({ realStart: 0, virtualStart: 0, speed: 1 });
  }

  now(): number {
    return this.virtualAt(Date.now());
  }

  virtualAt(real: number): number {
    const { realStart, virtualStart, speed } = this.setting;
    return Math.floor(virtualStart + (real - realStart) * speed);
  }

  schedule(at: number, action: () => void): Scheduled {
    let timer: NodeJS.Timeout | undefined;
    const lap = (): void => {
      const remaining = at - this.now();
      if (remaining <= 0) {
        timer = undefined;
        action();
        return;
      }
      timer = setTimeout(lap, Math.min(Math.ceil(remaining / this.setting.speed), longestTimeout));
    };
    timer = setTimeout(
      lap,
      Math.min(Math.max(0, Math.ceil((at - this.now()) / this.setting.speed)), longestTimeout),
    );
    return { cancel: () => clearTimeout(timer) };
  }
}
