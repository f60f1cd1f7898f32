import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { glob, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Server } from 'node:net';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { AppRegistrations } from './app-registrations.ts';
import { coreModule } from './core-module.ts';
import { installCoreModule } from './core-resolution.ts';
import type { CoreResolution } from './core-resolution.ts';
import type { ProgrammingModel } from './protocol.ts';

/** An app whose entry points have run; ready to be served by any number of hosts, one after the other. */
export interface LoadedApp {
  directory: string;
  registrations: AppRegistrations;
  model: ProgrammingModel;
  /** Where the app's own proxy listens when it asked for `enableHttpStream`. */
  httpUri: URL | undefined;
  /** Hosts that have served it so far in this process. */
  timesServed: number;
}

const packageJson = z.object({ main: z.string().min(1).optional(), type: z.string().optional() });

const loaded = new Map<string, Promise<LoadedApp>>();

/**
 * Loads the app in `directory` as the Node worker does: `main` of its package.json is a glob, every match runs in sorted
 * order, `appStart` hooks run, then the programming model is asked for its capabilities and registration ends.
 * Modules run once per process, so the answer is remembered per directory. Throws when nothing matches or the app throws.
 */
export async function loadApp(
  directory: string,
  { resolution = 'module-hooks' }: { resolution?: CoreResolution } = {},
): Promise<LoadedApp> {
  const root = await realpath(directory);
  let app = loaded.get(root);
  if (app === undefined) {
    app = load(root, resolution);
    loaded.set(root, app);
  }
  return app;
}

async function load(directory: string, resolution: CoreResolution): Promise<LoadedApp> {
  installCoreModule(resolution);
  const registrations = new AppRegistrations();
  coreModule.receiveFor(registrations);
  await runEntryPoints(directory);
  const model = coreModule.getProgrammingModel();
  if (model === undefined) {
    throw new Error(
      `No functions found in ${directory}: its entry point registered none with @azure/functions.`,
    );
  }
  await runAppStartHooks({ registrations, directory });
  const httpUri = await settleCapabilities(model);
  registrations.lock();
  return { directory, registrations, model, httpUri, timesServed: 0 };
}

async function runEntryPoints(directory: string): Promise<void> {
  const packageFile = join(directory, 'package.json');
  const { main, type } = packageJson.parse(JSON.parse(await readFile(packageFile, 'utf8')));
  if (main === undefined)
    throw new Error(`${packageFile} has no "main": it must name the app's entry point.`);
  const files: string[] = [];
  for await (const file of glob(main, { cwd: directory })) files.push(file);
  if (files.length === 0) {
    throw new Error(`No file matches "main": "${main}" of ${packageFile}. Build the app first.`);
  }
  const require = createRequire(packageFile);
  for (const file of files.sort()) {
    const path = join(directory, file);
    const isModule = extname(path) === '.mjs' || (type === 'module' && extname(path) !== '.cjs');
    if (isModule) await import(pathToFileURL(path).href);
    else require(path);
  }
}

/** To be called by each host that serves the app. The hooks ran at the load; a later host in this process repeats them. */
export async function beginServing(app: LoadedApp): Promise<void> {
  app.timesServed += 1;
  if (app.timesServed > 1) await runAppStartHooks(app);
}

/** The other end of {@link beginServing}: `appTerminate` hooks. */
export async function endServing({ registrations }: LoadedApp): Promise<void> {
  await registrations.runHooks('appTerminate', {
    hookData: registrations.appLevelHookData,
    appHookData: registrations.appHookData,
  });
}

async function runAppStartHooks(app: Pick<LoadedApp, 'registrations' | 'directory'>): Promise<void> {
  const { registrations, directory } = app;
  await registrations.runHooks('appStart', {
    hookData: registrations.appLevelHookData,
    appHookData: registrations.appHookData,
    functionAppDirectory: directory,
  });
}

/**
 * Asks for the capabilities, which locks `app.setup` and, with `enableHttpStream`, opens the package's own proxy. That
 * server is never closed by the package; it must not keep a process alive whose host has stopped.
 */
async function settleCapabilities(model: ProgrammingModel): Promise<URL | undefined> {
  const release = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('server' in message)) return;
    if (message.server instanceof Server) message.server.unref();
  };
  const channel = 'tracing:net.server.listen:asyncEnd';
  subscribe(channel, release);
  try {
    const capabilities = await model.getCapabilities?.({
      RawHttpBodyBytes: 'true',
      RpcHttpTriggerMetadataRemoved: 'true',
      RpcHttpBodyOnly: 'true',
      IgnoreEmptyValuedRpcHttpHeaders: 'true',
      UseNullableValueDictionaryForHttp: 'true',
      WorkerStatus: 'true',
      TypedDataCollection: 'true',
    });
    return capabilities?.['HttpUri'] === undefined ? undefined : new URL(capabilities['HttpUri']);
  } finally {
    unsubscribe(channel, release);
  }
}
