import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { ProcessLog } from './process-log.ts';
import type { ProcessName } from './process-name.ts';

/** How one process is run and recognised. */
export interface ProcessSpec<Ready> {
  name: ProcessName;
  /** The script; run by the same Node as this one. */
  program: string;
  /** Asked before every start: ports become known with the first one. */
  arguments: () => string[];
  environment: () => Record<string, string>;
  /** Held by the process while it lives. */
  lockFile: string;
  /** The one JSON line it prints on stdout when it serves. */
  ready: z.ZodType<Ready>;
  /** Called whenever it is up, also after a restart, before anybody who waits is told. */
  onReady: (ready: Ready) => void;
  log: ProcessLog;
}

const readyWithinMilliseconds = 60_000;
const terminateGraceMilliseconds = 10_000;
const firstBackOffMilliseconds = 100;
const longestBackOffMilliseconds = 10_000;
/** A process that ran this long was healthy: its next failure starts with a short pause again. */
const healthyMilliseconds = 30_000;

const childGuard = new URL('child-guard.ts', import.meta.url).href;
const readyLine = z.looseObject({ ready: z.literal(true) });

/** One child process that comes back by itself when it ends, until it is stopped. */
export class ManagedProcess<Ready> {
  readonly #spec: ProcessSpec<Ready>;
  #child: ChildProcess | undefined;
  #up = newWait<Ready>();
  #isUp = false;
  #everUp = false;
  #stopping = false;
  #backOff = firstBackOffMilliseconds;
  #restart: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec<Ready>) {
    this.#spec = spec;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it for the first time. Rejects, with its last output, when it ends or stays silent before it is ready. */
  start(): Promise<Ready> {
    this.#launch();
    return this.#up.promise;
  }

  /** Resolves when it is up: at once when it is, else after its restart. */
  untilUp(): Promise<Ready> {
    return this.#up.promise;
  }

  /** Sends `signal` and resolves when the process is gone; it then comes back by itself, without a long pause. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#backOff = firstBackOffMilliseconds;
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
  }

  /** Ends it for good: SIGTERM, and SIGKILL when it does not listen. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined) {
      // Between two runs: nobody else will tell those who wait for the next one.
      this.#up.reject(this.#wasStopped());
      return;
    }
    const gone = once(child, 'close');
    child.kill('SIGTERM');
    const hard = setTimeout(() => {
      this.#spec.log.write(`did not end within ${terminateGraceMilliseconds / 1000} s of SIGTERM: killed`);
      child.kill('SIGKILL');
    }, terminateGraceMilliseconds);
    await gone;
    clearTimeout(hard);
  }

  #launch(): void {
    const { program, log } = this.#spec;
    const child = spawn(process.execPath, ['--import', childGuard, program, ...this.#spec.arguments()], {
      env: {
        ...inheritedEnvironment(),
        ...this.#spec.environment(),
        SLIPWAY_PROCESS_LOCK: this.#spec.lockFile,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C in a terminal reaches the supervisor alone, which then stops all in order.
      detached: true,
    });
    this.#child = child;
    const started = performance.now();
    const overdue = setTimeout(() => {
      log.write(`not ready within ${readyWithinMilliseconds / 1000} s: killed`);
      child.kill('SIGKILL');
    }, readyWithinMilliseconds);
    child.on('error', (error) => log.write(`cannot run ${program}: ${error.message}`));
    eachLine(child.stderr, (line) => log.write(line));
    eachLine(child.stdout, (line) => {
      const announced = this.#isUp ? undefined : parseReadyLine(line);
      if (announced === undefined) {
        log.write(line);
        return;
      }
      clearTimeout(overdue);
      this.#announced(child, announced);
    });
    child.on('close', (code, signal) => {
      clearTimeout(overdue);
      this.#child = undefined;
      this.#ended(signal ?? `exit code ${code ?? 'unknown'}`, performance.now() - started);
    });
  }

  #announced(child: ChildProcess, announced: unknown): void {
    const ready = this.#spec.ready.safeParse(announced);
    if (!ready.success) {
      this.#spec.log.write(`its ready line is not valid: ${z.prettifyError(ready.error)}`);
      child.kill('SIGKILL');
      return;
    }
    this.#isUp = true;
    this.#everUp = true;
    // The line itself is not logged: the broker's holds a key.
    this.#spec.log.write(`ready (process ${child.pid ?? 'unknown'})`);
    this.#spec.onReady(ready.data);
    this.#up.resolve(ready.data);
  }

  #ended(how: string, lifetimeMilliseconds: number): void {
    const { log } = this.#spec;
    if (this.#isUp) this.#up = newWait();
    this.#isUp = false;
    if (this.#stopping) {
      this.#up.reject(this.#wasStopped());
      return;
    }
    log.write(`ended (${how})`);
    if (!this.#everUp) {
      this.#up.reject(new Error(this.#startFailure(how)));
      return;
    }
    if (lifetimeMilliseconds > healthyMilliseconds) this.#backOff = firstBackOffMilliseconds;
    const pause = this.#backOff;
    this.#backOff = Math.min(this.#backOff * 2, longestBackOffMilliseconds);
    log.write(`starts again in ${pause} ms`);
    this.#restart = setTimeout(() => this.#launch(), pause);
  }

  #wasStopped(): Error {
    return new Error(`${this.#spec.name} was stopped`);
  }

  #startFailure(how: string): string {
    const { name, program, log } = this.#spec;
    return `${name} (${basename(program)}) ended before it was ready (${how}). Its last lines, from ${log.file}:\n${log.tail()}`;
  }
}

/** A promise that may be rejected while nobody waits; whoever does wait gets the rejection all the same. */
function newWait<T>(): PromiseWithResolvers<T> {
  const wait = Promise.withResolvers<T>();
  wait.promise.catch(() => undefined);
  return wait;
}

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream !== null) createInterface(stream).on('line', take);
}

/** The object of a ready line; undefined for any other line, which is a line of its log. */
function parseReadyLine(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = readyLine.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Ours, without what would make the child believe that it is a test of ours. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  delete environment['NODE_TEST_CONTEXT'];
  return environment;
}
