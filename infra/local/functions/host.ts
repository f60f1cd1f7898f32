import type { FunctionsHost, FunctionsHostOptions } from './host-options.ts';
import { LoopbackServer } from './http/server.ts';
import { createHostLog } from './log.ts';
import { RunningHost } from './running-host.ts';
import { applyAppSettings } from './settings/app-settings.ts';
import { readHostJson } from './settings/host-json.ts';
import { readLocalSettings } from './settings/local-settings.ts';
import { beginServing, loadApp } from './worker/load-app.ts';

export type { FunctionsHost, FunctionsHostOptions } from './host-options.ts';

/**
 * Starts a Functions host: loads the app (once per process), serves its triggers and the host's own endpoints. Rejects,
 * with everything closed again, when the app, its host.json or the port cannot be used. A trigger that cannot start
 * is a fault of its function, told in the log and at `/admin/functions/NAME/status`; the others run.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const local = await readLocalSettings(options.appDirectory);
  applyAppSettings({ values: local.Values, overrides: options.settings ?? {} });
  const hostJson = await readHostJson(options.appDirectory, process.env);
  const log = createHostLog({
    clock: options.clock,
    write: options.log ?? (() => undefined),
    levels: hostJson.logging.logLevel,
    verbose: options.verbose ?? false,
  });
  const onError = (error: unknown): void => {
    log('error', 'Host.Http', error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const server = await LoopbackServer.listen(options.port, onError);
  const rpc = await LoopbackServer.listen(options.rpcPort ?? 0, onError);
  try {
    // The app may read it while it loads; the Durable client rewrites its URLs to port 7071 when it is missing.
    process.env['WEBSITE_HOSTNAME'] = `localhost:${server.port}`;
    const app = await loadApp(options.appDirectory, { resolution: options.coreResolution ?? 'module-hooks' });
    await beginServing(app);
    return await RunningHost.open({ options, local, hostJson, app, server, rpc, log });
  } catch (error) {
    await Promise.all([server.close(), rpc.close()]);
    throw error;
  }
}
