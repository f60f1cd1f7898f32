import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtAppDirectory } from '../../../../infra/local/platform/app-build.ts';
import type { Platform, PlatformOptions } from '../../../../infra/local/platform/platform.ts';
import { startPlatform } from '../../../../infra/local/platform/supervisor.ts';
import { shortLockQueues } from './short-lock-queues.ts';
import { until } from './until.ts';

/** The whole product on this machine, in a folder of its own. */
export interface Slipway {
  platform: Platform;
  folder: string;
  /** Stops all of it; removes the folder unless it is to be looked at. */
  end(keep?: boolean): Promise<void>;
}

export type SlipwayOptions = Partial<PlatformOptions>;

/** Starts the built app on the embedded platform and resolves when it takes requests. Virtual time runs 60 times as fast. */
export async function startSlipway(options?: SlipwayOptions): Promise<Slipway> {
  const slipway = await startProcesses(options);
  try {
    await untilServing(slipway.platform);
  } catch (error) {
    await slipway.end(true);
    throw error;
  }
  return slipway;
}

/** As {@link startSlipway}, without waiting for the app. */
export async function startProcesses(options: SlipwayOptions = {}): Promise<Slipway> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-kill-'));
  const queuesFile = join(folder, 'queues.json');
  await writeFile(queuesFile, JSON.stringify(shortLockQueues()));
  const platform = await startPlatform({
    stateDirectory: join(folder, 'state'),
    appDirectory: await copyOfTheApp(folder),
    speed: 60,
    queuesFile,
    ...options,
  });
  return {
    platform,
    folder,
    async end(keep = false) {
      await platform.stop();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Of `npm run build`. Another build while this one runs would take away the chunks that a restarted host still loads. */
export async function copyOfTheApp(folder: string): Promise<string> {
  const copy = join(folder, 'app');
  await cp(builtAppDirectory, copy, { recursive: true, filter: (path) => !path.endsWith('.map') });
  return copy;
}

/** Doors answer 503 until the cluster is prepared. */
export async function untilServing({ endpoints }: Pick<Platform, 'endpoints'>): Promise<void> {
  await until('the app takes requests', async () => {
    const answer = await fetch(`${endpoints.functionsUrl}/api/workspaces`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status === 200 ? undefined : `GET /api/workspaces answers ${answer?.status ?? 'nothing'}`;
  });
}
