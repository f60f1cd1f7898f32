import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import { appSettings } from './app-settings.ts';
import { endpointsFile } from './endpoints.ts';
import type { Endpoints } from './endpoints.ts';
import { emptyStateFolder } from './fresh-state.ts';
import { ManagedProcess } from './managed-process.ts';
import type { ProcessSpec } from './managed-process.ts';
import type { Platform, PlatformOptions } from './platform.ts';
import { choosePorts, rememberPorts } from './ports.ts';
import type { Ports } from './ports.ts';
import { ownPrograms, processArguments } from './process-arguments.ts';
import { ProcessLog } from './process-log.ts';
import { processNames } from './process-name.ts';
import type { ProcessName } from './process-name.ts';
import { azureReady, functionsReady, serviceBusReady } from './ready-lines.ts';
import type { AzureReady, FunctionsReady, ServiceBusReady } from './ready-lines.ts';
import type { FileLock } from './file-lock.ts';
import { lockStateFolder, processLockFile } from './state-lock.ts';
import { startVirtualTime } from './virtual-time.ts';
import type { VirtualTime } from './virtual-time.ts';
import { writeJson } from './write-file.ts';

/**
 * Starts the embedded platform and resolves when all of it serves. Rejects with the last output of the process that
 * would not start, and with `StateFolderInUse` when another platform has the state folder.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const stateDirectory = resolve(options.stateDirectory);
  const lock = lockStateFolder(stateDirectory);
  try {
    if (options.fresh === true) emptyStateFolder(stateDirectory);
    const ports = await choosePorts(stateDirectory, options.ports ?? {});
    const supervisor = new Supervisor(
      { ...options, stateDirectory, appDirectory: resolve(options.appDirectory), ports },
      lock,
    );
    await supervisor.start();
    return supervisor;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What the running processes last said of themselves. */
interface Announced {
  servicebus?: ServiceBusReady;
  azure?: AzureReady;
  functions?: FunctionsReady;
}

class Supervisor implements Platform {
  readonly #options: PlatformOptions;
  readonly #lock: FileLock;
  readonly #time: VirtualTime;
  readonly #ports: Ports;
  readonly #announced: Announced = {};
  readonly #servicebus: ManagedProcess<ServiceBusReady>;
  readonly #azure: ManagedProcess<AzureReady>;
  readonly #functions: ManagedProcess<FunctionsReady>;
  #stopped: Promise<void> | undefined;

  constructor(options: PlatformOptions, lock: FileLock) {
    this.#options = options;
    this.#lock = lock;
    this.#time = startVirtualTime(options.stateDirectory, options.speed);
    this.#ports = { functions: 0, servicebus: 0, arm: 0, kubernetes: 0, ...options.ports };
    this.#servicebus = this.#process('servicebus', serviceBusReady, (ready) => {
      this.#ports.servicebus = ready.port;
      this.#announced.servicebus = ready;
    });
    this.#azure = this.#process('azure', azureReady, (ready) => {
      this.#ports.arm = portOf(ready.armUrl);
      this.#ports.kubernetes = portOf(ready.clusters[0]?.kubernetesUrl);
      this.#announced.azure = ready;
    });
    this.#functions = this.#process('functions', functionsReady, (ready) => {
      this.#ports.functions = ready.port;
      this.#announced.functions = ready;
    });
  }

  get clock(): Clock {
    return this.#time.clock;
  }

  get endpoints(): Endpoints {
    const endpoints = this.#endpoints();
    if (endpoints === undefined) throw new Error('The platform is not up.');
    return endpoints;
  }

  /** The app's settings name the other two, so the Functions host comes last. */
  async start(): Promise<void> {
    try {
      await Promise.all([this.#servicebus.start(), this.#azure.start()]);
      await this.#functions.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async kill(name: ProcessName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#named(name).kill(signal);
  }

  async restarted(name: ProcessName): Promise<void> {
    await this.#named(name).untilUp();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** The app first, so that it ends its work against queues and clusters that still answer. */
  async #stop(): Promise<void> {
    rmSync(endpointsFile(this.#options.stateDirectory), { force: true });
    await this.#functions.stop();
    await Promise.all([this.#servicebus.stop(), this.#azure.stop()]);
    this.#time.stop();
    this.#lock.release();
  }

  #process<Ready>(
    name: ProcessName,
    ready: ProcessSpec<Ready>['ready'],
    learn: (ready: Ready) => void,
  ): ManagedProcess<Ready> {
    const { stateDirectory, programs, log } = this.#options;
    return new ManagedProcess<Ready>({
      name,
      ready,
      program: programs?.[name] ?? ownPrograms[name],
      arguments: processArguments(this.#options, this.#time.setting, this.#ports)[name],
      environment: () => (name === 'functions' ? this.#appSettings() : {}),
      lockFile: processLockFile(stateDirectory, name),
      log: new ProcessLog(stateDirectory, name, log ?? (() => undefined)),
      onReady: (announced) => {
        learn(announced);
        this.#publish();
      },
    });
  }

  #appSettings(): Record<string, string> {
    const { azure, servicebus } = this.#announced;
    if (azure === undefined || servicebus === undefined) return {};
    return { ...appSettings(azure, servicebus, this.#options.provisioner), ...this.#options.settings };
  }

  #named(name: ProcessName): Pick<ManagedProcess<unknown>, 'kill' | 'untilUp' | 'pid'> {
    return { servicebus: this.#servicebus, azure: this.#azure, functions: this.#functions }[name];
  }

  /** Tells tools what runs, as soon as all does, and again after each restart. */
  #publish(): void {
    rememberPorts(this.#options.stateDirectory, this.#ports);
    const endpoints = this.#endpoints();
    if (endpoints !== undefined) writeJson(endpointsFile(this.#options.stateDirectory), endpoints);
  }

  #endpoints(): Endpoints | undefined {
    const { servicebus, azure, functions } = this.#announced;
    if (servicebus === undefined || azure === undefined || functions === undefined) return undefined;
    return {
      functionsUrl: functions.url,
      adminUrl: new URL('admin', `${functions.url}/`).href,
      serviceBusConnectionString: servicebus.connectionString,
      armUrl: azure.armUrl,
      caFile: azure.caFile,
      clusters: azure.clusters,
      speed: this.#options.speed,
      stateDirectory: this.#options.stateDirectory,
      processes: this.#processIds(),
    };
  }

  /** A process that is just coming back has none. */
  #processIds(): Endpoints['processes'] {
    const ids: Endpoints['processes'] = {};
    for (const name of processNames) {
      const { pid } = this.#named(name);
      if (pid !== undefined) ids[name] = pid;
    }
    return ids;
  }
}

/** 0 when there is no such URL. */
function portOf(url: string | undefined): number {
  return url === undefined ? 0 : Number(new URL(url).port);
}
