import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { testQueues } from './broker.ts';

const program = join(import.meta.dirname, '../../../../infra/local/servicebus/main.ts');

export interface BrokerProcess {
  process: ChildProcess;
  ready: { ready: boolean; port: number; connectionString: string };
  stderr: () => string;
  /** Ends it with a signal and waits until it is gone. @returns the exit code, null when the signal killed it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `main.ts` on a folder and any port, and waits for its ready line. @throws Error when it exits instead. */
export async function startProcess(context: TestContext, dataDirectory: string): Promise<BrokerProcess> {
  const config = join(dataDirectory, 'queues.json');
  writeFileSync(config, JSON.stringify(testQueues));
  const child = spawn(
    process.execPath,
    [program, '--config', config, '--port', '0', '--data', dataDirectory],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  context.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! });
  const firstLine = once(lines, 'line').then(([text]: unknown[]) => text);
  const line = await Promise.race([firstLine, exited.then(() => undefined)]);
  if (typeof line !== 'string') throw new Error(`the broker did not start: ${stderr}`);
  return {
    process: child,
    ready: readReady(line),
    stderr: () => stderr,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await exited;
      }
      return child.exitCode;
    },
  };
}

function readReady(line: string): BrokerProcess['ready'] {
  const parsed: unknown = JSON.parse(line);
  if (
    typeof parsed === 'object' &&
    parsed !== null &&
    'ready' in parsed &&
    parsed.ready === true &&
    'port' in parsed &&
    typeof parsed.port === 'number' &&
    'connectionString' in parsed &&
    typeof parsed.connectionString === 'string'
  ) {
    return { ready: true, port: parsed.port, connectionString: parsed.connectionString };
  }
  throw new Error(`not a ready line: ${line}`);
}
