import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Platform, PlatformOptions } from '../../../infra/local/platform/platform.ts';
import type { ProcessName } from '../../../infra/local/platform/process-name.ts';
import { startPlatform } from '../../../infra/local/platform/supervisor.ts';

export function standInProgram(name: string): string {
  return fileURLToPath(new URL(`stand-ins/${name}.ts`, import.meta.url));
}

export const standIns: Record<ProcessName, string> = {
  functions: standInProgram('functions'),
  servicebus: standInProgram('servicebus'),
  azure: standInProgram('azure'),
};

const running = new Map<string, Platform[]>();

/** A state folder that is removed when the test ends, after the platforms on it were stopped. */
export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-platform-'));
  test.after(async () => {
    for (const platform of running.get(folder) ?? []) await platform.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A platform of stand-ins, stopped when the test that made its state folder ends. */
export async function standInPlatform(
  options: Partial<PlatformOptions> & { stateDirectory: string },
): Promise<Platform> {
  const platform = await startPlatform({
    appDirectory: '/tmp/no-app-needed',
    speed: 60,
    ...options,
    programs: { ...standIns, ...options.programs },
  });
  const { stateDirectory } = options;
  running.set(stateDirectory, [...(running.get(stateDirectory) ?? []), platform]);
  return platform;
}

const seen = z.object({
  arguments: z.record(z.string(), z.string()),
  environment: z.record(z.string(), z.string()),
});

/** What a stand-in was started with. */
export async function startedWith(port: number | string): Promise<z.output<typeof seen>> {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return seen.parse(await response.json());
}

export async function readText(...path: string[]): Promise<string> {
  return await readFile(join(...path), 'utf8');
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when `condition` holds; fails, naming it, after a generous while. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
