/**
 * Loads the built app in this fresh process, against the embedded host's core module as a worker would, and prints one
 * JSON line: milliseconds since process start when loading began and when all functions were registered.
 *
 *   node test/bench/load-once.ts DIRECTORY
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppRegistrations } from '../../infra/local/functions/worker/app-registrations.ts';
import { coreModule } from '../../infra/local/functions/worker/core-module.ts';
import { installCoreModule } from '../../infra/local/functions/worker/core-resolution.ts';

const [directory = ''] = process.argv.slice(2);
installCoreModule('module-hooks');
const registrations = new AppRegistrations();
coreModule.receiveFor(registrations);
const bytesBefore = process.memoryUsage.rss();
const began = performance.now();
await import(pathToFileURL(join(directory, 'slipway.js')).href);
const done = performance.now();
console.log(
  JSON.stringify({
    began,
    done,
    functions: registrations.functions.size,
    rss: process.memoryUsage.rss(),
    bytesBefore,
  }),
);
process.exit(0);
