import { Terminal } from '../errors/slipway-error.ts';

/** One thing wrong with one setting. Never quotes the value of a setting that can hold a secret. */
export interface SettingFault {
  setting: string;
  problem: string;
  remedy: string;
}

/** Collects what is wrong while the rest is still being read, so that one start shows every fault. */
export class SettingFaults {
  readonly #faults: SettingFault[] = [];

  add(setting: string, problem: string, remedy: string): void {
    this.#faults.push({ setting, problem, remedy });
  }

  get isEmpty(): boolean {
    return this.#faults.length === 0;
  }

  /** `Terminal('SettingsInvalid')` with one line for each fault. */
  toError(): Terminal {
    const lines = this.#faults.map(({ setting, problem, remedy }) => `- ${setting}: ${problem}. ${remedy}`);
    const count = lines.length === 1 ? '1 setting is' : `${lines.length} settings are`;
    return new Terminal('SettingsInvalid', {
      message: [`${count} not right:`, ...lines].join('\n'),
      remedy: 'Correct the application settings named above, then restart the function app.',
    });
  }
}
