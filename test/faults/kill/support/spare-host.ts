import { join } from 'node:path';
import { appSettings } from '../../../../infra/local/platform/app-settings.ts';
import { readyLine, runProgram } from '../../../integration/functions-host/support/child-process.ts';
import type { RunningProgram } from '../../../integration/functions-host/support/child-process.ts';
import { repository } from '../../../../infra/build.ts';
import { z } from 'zod';
import type { Slipway } from './slipway.ts';

const ready = z.object({ url: z.url() });

/** A Functions host beside that of the platform, which keeps the Durable store. */
export interface SpareHost {
  url: string;
  program: RunningProgram;
}

/** As an instance of its own does on Flex Consumption, it shares nothing with the others but queues, cluster and task hub. */
export async function startSpareHost(
  slipway: Slipway,
  name: string,
  functions: readonly string[],
): Promise<SpareHost> {
  const { endpoints, clock } = slipway.platform;
  const { armUrl, caFile, clusters, serviceBusConnectionString: connectionString } = endpoints;
  const setting = { realStart: Date.now(), virtualStart: clock.now(), speed: endpoints.speed };
  const program = runProgram(
    join(repository, 'infra/local/functions/main.ts'),
    [
      ...['--app', join(slipway.folder, 'app'), '--port', '0'],
      ...['--data', join(slipway.folder, name), '--clock', JSON.stringify(setting)],
      ...['--durable-remote', endpoints.functionsUrl, '--functions', ...functions],
    ],
    appSettings(
      { ready: true, armUrl, pricesUrl: armUrl, caFile, clusters },
      { ready: true, port: 1, connectionString },
    ),
  );
  const { url } = ready.parse(await readyLine(program));
  return { url, program };
}

/** App settings that switch functions off in one host, as Azure names them. */
export function switchedOff(functions: readonly string[]): Record<string, string> {
  return Object.fromEntries(functions.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']));
}
