import { ProvisioningError } from '../provisioning/node-provisioner.ts';

export interface RememberedSourceOptions<T> {
  /** For notes: `vCPU usages of eastus`. */
  describe(key: string): string;
  read(key: string, now: number): Promise<T>;
  /** Milliseconds for which an answer is as good as new. */
  freshFor: number;
  /** Milliseconds after which it is worth nothing. */
  usableFor: number;
  /** `revalidate`: who comes when it is no longer fresh gets the old answer, and the next one the new; `wait`: who comes, waits. */
  whenStale: 'revalidate' | 'wait';
  /** Real milliseconds that a caller waits at most; what comes later serves the next one. */
  patience: number;
}

/** A value, or none; `note` says what is wrong with that. */
export type Told<T> = { value: T; note?: string } | { value?: undefined; note: string };

interface Entry<T> {
  known?: { value: T; at: number };
  failure?: { reason: string; at: number; holds: number };
  pending?: Promise<void>;
}

/** How long a silent source is left alone, milliseconds, unless it named a time itself. */
const leaveAlone = 30_000;
/** A missing permission is a person's to mend. */
const leaveAloneRefused = 300_000;

/**
 * Answers of a slow source by key, in memory. Callers at the same moment share one request. Never throws: a silent source is told in `note`.
 * Ages are judged by the caller's clock, in both directions: a clock that was set back makes an answer old, not eternal.
 */
export class RememberedSource<T> {
  readonly #options: RememberedSourceOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: RememberedSourceOptions<T>) {
    this.#options = options;
  }

  async ask(key: string, now: number): Promise<Told<T>> {
    const { freshFor, whenStale } = this.#options;
    const entry = this.#entries.get(key) ?? {};
    this.#entries.set(key, entry);
    const { known } = entry;
    if (known !== undefined && isWithin(freshFor, known.at, now)) return { value: known.value };
    if (entry.failure === undefined || !isWithin(entry.failure.holds, entry.failure.at, now)) {
      entry.pending ??= this.#refresh(entry, key, now);
    }
    if (known !== undefined && whenStale === 'revalidate' && this.#isUsable(known, now)) {
      return { value: known.value, ...this.#agedNote(entry, key, now) };
    }
    if (entry.pending !== undefined) await this.#wait(entry.pending);
    return this.#tell(entry, key, now);
  }

  #tell(entry: Entry<T>, key: string, now: number): Told<T> {
    const { known } = entry;
    if (known !== undefined && isWithin(this.#options.freshFor, known.at, now)) return { value: known.value };
    if (known !== undefined && this.#isUsable(known, now))
      return { value: known.value, ...this.#agedNote(entry, key, now) };
    return { note: `${this.#options.describe(key)}: not known, ${this.#why(entry)}` };
  }

  /** An old answer needs a word only when its renewal fails. */
  #agedNote(entry: Entry<T>, key: string, now: number): { note?: string } {
    const { known, failure } = entry;
    if (known === undefined || (failure === undefined && entry.pending === undefined)) return {};
    if (failure === undefined && this.#options.whenStale === 'revalidate') return {};
    const minutes = Math.round(Math.abs(now - known.at) / 60_000);
    return { note: `${this.#options.describe(key)}: ${minutes} min old, ${this.#why(entry)}` };
  }

  #why({ failure, pending }: Entry<T>): string {
    if (failure !== undefined) return failure.reason;
    return pending === undefined
      ? 'nothing was answered'
      : `no answer within ${this.#options.patience / 1000} s`;
  }

  #isUsable({ at }: { at: number }, now: number): boolean {
    return isWithin(this.#options.usableFor, at, now);
  }

  async #refresh(entry: Entry<T>, key: string, now: number): Promise<void> {
    try {
      entry.known = { value: await this.#options.read(key, now), at: now };
      delete entry.failure;
    } catch (error) {
      entry.failure = { reason: reasonOf(error), at: now, holds: holdsFor(error) };
    } finally {
      delete entry.pending;
    }
  }

  async #wait(pending: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patience);
    });
    await Promise.race([pending, enough]);
    clearTimeout(timer);
  }
}

function isWithin(age: number, at: number, now: number): boolean {
  return Math.abs(now - at) < age;
}

function reasonOf(error: unknown): string {
  if (error instanceof ProvisioningError) {
    const { code, message } = error.failure;
    return code === 'AuthorizationFailed'
      ? 'the identity may not read it (role "Slipway region reader" of infra/azure)'
      : `${code}: ${message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function holdsFor(error: unknown): number {
  if (!(error instanceof ProvisioningError)) return leaveAlone;
  const { class: kind, retryAfterSeconds } = error.failure;
  if (kind === 'operator') return leaveAloneRefused;
  return Math.max(leaveAlone, (retryAfterSeconds ?? 0) * 1000);
}
