import type { Annotations } from './annotations.ts';
import type { Findings } from './fault.ts';
import { CauseReason, shown } from './fault.ts';

/** Reads `slipway.dev/*` annotations one by one; every fault goes to the findings with its field path and a remedy. */
export class OptionReader {
  readonly #annotations: Annotations;
  readonly #findings: Findings;

  constructor(annotations: Annotations, findings: Findings) {
    this.#annotations = annotations;
    this.#findings = findings;
  }

  /** One of some words; null when absent or refused. */
  word<T extends string>(key: string, words: readonly T[]): T | null {
    const value = this.#value(key);
    if (value === null) return null;
    const known = words.find((word) => word === value);
    if (known !== undefined) return known;
    this.refuse(
      key,
      `${shown(value)} is not supported`,
      `write ${words.join(', ')}`,
      CauseReason.NotSupported,
    );
    return null;
  }

  /** Text of a form; null when absent or refused. */
  text(key: string, { matches, remedy }: { matches: RegExp; remedy: string }): string | null {
    const value = this.#value(key);
    if (value === null || matches.test(value)) return value;
    this.refuse(key, `${shown(value)} is not valid`, remedy);
    return null;
  }

  /** Distinct items, comma-separated; empty when absent or refused. */
  list(key: string, { item, most, remedy }: { item: RegExp; most: number; remedy: string }): string[] {
    const value = this.#value(key);
    if (value === null) return [];
    const items = value.split(',').map((one) => one.trim());
    const wrong = items.find((one) => !item.test(one));
    if (wrong !== undefined) {
      this.refuse(key, `${shown(wrong)} is not valid`, remedy);
      return [];
    }
    if (items.length > most) {
      this.refuse(key, `names ${items.length}`, `name at most ${most}`, CauseReason.TooMany);
      return [];
    }
    const twice = items.find((one, index) => indexOfCaseless(items, one) !== index);
    if (twice !== undefined) {
      this.refuse(key, `names ${shown(twice)} twice`, 'name each once', CauseReason.Duplicate);
      return [];
    }
    return items;
  }

  /** A positive amount of US dollars; null when absent or refused. */
  price(key: string): number | null {
    const value = this.#value(key);
    if (value === null) return null;
    if (/^\d{1,6}(\.\d{1,6})?$/.test(value) && Number(value) > 0) return Number(value);
    this.refuse(
      key,
      `${shown(value)} is not a positive price`,
      'write US dollars an hour, such as 1.50; leave it out to pay up to the on-demand price',
    );
    return null;
  }

  refuse(key: string, message: string, remedy: string, reason: CauseReason = CauseReason.Invalid): void {
    this.#findings.faults.push({ field: `metadata.annotations[${key}]`, reason, message, remedy });
  }

  #value(key: string): string | null {
    return Object.hasOwn(this.#annotations, key) ? (this.#annotations[key] ?? '').trim() : null;
  }
}

function indexOfCaseless(items: readonly string[], item: string): number {
  return items.findIndex((one) => one.toLowerCase() === item.toLowerCase());
}
