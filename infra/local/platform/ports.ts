import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from './read-file.ts';
import { writeJson } from './write-file.ts';

const port = z.number().int().min(0).max(65_535);
const remembered = z.object({ functions: port, servicebus: port, arm: port, kubernetes: port });

/** TCP ports on loopback; 0 lets the system choose. The Azure simulator has two: of ARM and of its cluster's API server. */
export type Ports = z.output<typeof remembered>;

/**
 * Every port: the wished one or the next that is free, else that of the last run in this state folder, so
 * that URLs survive restarts, unless a stranger has taken it meanwhile.
 */
export async function choosePorts(stateDirectory: string, wished: Partial<Ports>): Promise<Ports> {
  const before = lastPorts(stateDirectory);
  const choose = async (name: keyof Ports): Promise<number> => {
    const wish = wished[name] ?? 0;
    if (wish !== 0) return await firstFreePort(wish);
    const last = before[name] ?? 0;
    return last !== 0 && (await isFree(last)) ? last : 0;
  };
  return {
    functions: await choose('functions'),
    servicebus: await choose('servicebus'),
    arm: await choose('arm'),
    kubernetes: await choose('kubernetes'),
  };
}

/** The ports of the last run in this state folder; none on first use. */
export function lastPorts(stateDirectory: string): Partial<Ports> {
  return readJson(portsFile(stateDirectory), remembered) ?? {};
}

function portsFile(stateDirectory: string): string {
  return join(stateDirectory, 'ports.json');
}

export function rememberPorts(stateDirectory: string, ports: Ports): void {
  writeJson(portsFile(stateDirectory), ports);
}

/** Whether a server could listen on this loopback port now. */
export function isFree(candidate: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(candidate, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** The first free port of `preferred` and the nine that follow; 0 when all are taken. */
export async function firstFreePort(preferred: number): Promise<number> {
  if (preferred === 0) return 0;
  for (let candidate = preferred; candidate < Math.min(preferred + 10, 65_536); candidate++) {
    if (await isFree(candidate)) return candidate;
  }
  return 0;
}
