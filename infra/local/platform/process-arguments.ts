import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClockSetting } from '../clock/scaled-clock.ts';
import type { PlatformOptions } from './platform.ts';
import type { Ports } from './ports.ts';
import type { ProcessName } from './process-name.ts';

/** The platform's own scripts. */
export const ownPrograms: Readonly<Record<ProcessName, string>> = {
  functions: fileURLToPath(new URL('../functions/main.ts', import.meta.url)),
  servicebus: fileURLToPath(new URL('../servicebus/main.ts', import.meta.url)),
  azure: fileURLToPath(new URL('../azure/main.ts', import.meta.url)),
};
const ownQueues = fileURLToPath(new URL('../servicebus/queues.json', import.meta.url));

/** The one simulated cluster. */
const clusterName = 'demo';

/** The command line of each process. `ports` is asked at every start: it then holds what the first start found. */
export function processArguments(
  options: PlatformOptions,
  clock: ClockSetting,
  ports: Ports,
): Record<ProcessName, () => string[]> {
  const data = (name: ProcessName): string[] => ['--data', join(options.stateDirectory, name)];
  const time = ['--clock', JSON.stringify(clock)];
  return {
    servicebus: () => [
      ...['--config', options.queuesFile ?? ownQueues],
      ...['--port', String(ports.servicebus)],
      ...data('servicebus'),
    ],
    azure: () => [
      ...['--arm-port', String(ports.arm)],
      ...['--cluster', `${clusterName}:${ports.kubernetes}`],
      ...data('azure'),
      ...time,
      ...(options.faultsFile === undefined ? [] : ['--faults', options.faultsFile]),
      ...(options.timingsFile === undefined ? [] : ['--timings', options.timingsFile]),
      ...(options.operationLock === undefined ? [] : ['--operation-lock', options.operationLock]),
      ...(options.provisioner === 'karpenter' ? ['--node-provisioning', 'Auto'] : []),
    ],
    functions: () => [
      ...['--app', options.appDirectory],
      ...['--port', String(ports.functions)],
      ...data('functions'),
      ...time,
    ],
  };
}
