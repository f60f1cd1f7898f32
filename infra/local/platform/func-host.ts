/**
 * Stands in for the embedded Functions host and runs Microsoft's own, `func start` of Core Tools, on the same app. Core
 * Tools and a running Azurite are the user's to install. Not tried in our own tests: Core Tools cannot be had from npm's
 * registry alone.
 */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { firstFreePort } from './ports.ts';

const { values } = parseArgs({
  // Virtual time and a data folder are for the embedded host: func keeps its state in Azurite, in real time.
  strict: false,
  options: { app: { type: 'string' }, port: { type: 'string' } },
});
const usualPort = 7071;
const port = Number(values.port) || (await firstFreePort(usualPort));
const url = `http://localhost:${port}`;

const host = spawn('func', ['start', '--port', String(port)], {
  cwd: typeof values.app === 'string' ? values.app : process.cwd(),
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, FUNCTIONS_WORKER_RUNTIME: 'node' },
});
host.on('error', (error) => {
  console.error(`func does not start (${error.message}): install Azure Functions Core Tools 4.`);
  process.exit(1);
});
host.on('exit', (code) => process.exit(code ?? 1));
process.on('SIGTERM', () => host.kill('SIGTERM'));

const hostStatus = z.object({ state: z.string() });

async function isRunning(): Promise<boolean> {
  try {
    const response = await fetch(`${url}/admin/host/status`);
    return hostStatus.parse(await response.json()).state === 'Running';
  } catch {
    return false; // it listens some seconds after it was started
  }
}

while (!(await isRunning())) await pause(500);
console.log(JSON.stringify({ ready: true, port, url }));
