import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { ScaledClock } from '../clock/scaled-clock.ts';
import { readTimingOverrides } from '../cluster/timings.ts';
import { faultRulesSchema } from './fault-rules.ts';
import type { OperationLock } from './settings.ts';
import { startAzureSimulator } from './simulator.ts';

/** The Azure simulator as a process of its own: one JSON line on stdout once it serves, then quiet until it is told to stop. */

const clockSchema = z.strictObject({
  realStart: z.number(),
  virtualStart: z.number(),
  speed: z.number().positive(),
});

interface Options {
  data: string;
  armPort: number;
  cluster: { name: string; port: number }[];
  clock: z.infer<typeof clockSchema>;
  faults?: string;
  timings?: string;
  operationLock: OperationLock;
  nodeProvisioning: 'Manual' | 'Auto' | 'NodeClaims';
  location: string;
  subscription: string;
  resourceGroup: string;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
}

function addCluster(text: string, before: Options['cluster']): Options['cluster'] {
  const [, name, port] = /^([A-Za-z0-9][\w-]{0,62})(?::(\d+))?$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('a cluster is given as name or name:port.');
  return [...before, { name, port: port === undefined ? 0 : parsePort(port) }];
}

function parseClock(text: string): Options['clock'] {
  try {
    return clockSchema.parse(JSON.parse(text));
  } catch {
    throw new InvalidArgumentError('the clock is JSON: {"realStart": ms, "virtualStart": ms, "speed": n}.');
  }
}

const program = new Command('azure-simulator')
  .description('ARM for AKS and the clusters behind it, over TLS on 127.0.0.1.')
  .requiredOption('--data <dir>', 'folder for state, certificates and kubeconfigs')
  .option('--arm-port <n>', 'port of ARM; 0 takes a free one', parsePort, 0)
  .addOption(
    new Option('--cluster <name[:port]>', 'a cluster to offer; may be repeated')
      .argParser(addCluster)
      .default([], '"aks"'),
  )
  .addOption(
    new Option('--clock <json>', 'where virtual time stands and how fast it runs')
      .argParser(parseClock)
      .default({ realStart: 0, virtualStart: 0, speed: 1 }, 'real time'),
  )
  .option('--faults <file>', 'faults to set, YAML or JSON; replaces those in force')
  .option('--timings <file>', 'durations that differ from timings.yaml')
  .addOption(
    new Option('--operation-lock <scope>', 'what one pool operation blocks')
      .choices(['pool', 'cluster'])
      .default('pool'),
  )
  .addOption(
    new Option('--node-provisioning <mode>', 'whether Karpenter runs in the clusters')
      .choices(['Manual', 'Auto', 'NodeClaims'])
      .default('Manual'),
  )
  .option('--location <region>', 'region of new clusters', 'eastus')
  .option('--subscription <id>', 'subscription id', '00000000-0000-0000-0000-000000000001')
  .option('--resource-group <name>', 'resource group of the clusters', 'slipway');

const options = program.parse().opts<Options>();
const clusters = options.cluster.length === 0 ? [{ name: 'aks', port: 0 }] : options.cluster;
const simulator = await startAzureSimulator({
  clock: new ScaledClock(options.clock),
  dataDirectory: options.data,
  arm: { port: options.armPort },
  clusters: clusters.map((cluster) => ({
    ...cluster,
    location: options.location,
    operationLock: options.operationLock,
    nodeProvisioning: options.nodeProvisioning,
  })),
  subscriptionId: options.subscription,
  resourceGroup: options.resourceGroup,
  ...(options.timings !== undefined && { timings: readTimingOverrides(options.timings) }),
  ...(options.faults !== undefined && {
    faults: faultRulesSchema.parse(parse(readFileSync(options.faults, 'utf8'))),
  }),
});

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await simulator.stop();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, () => void stop());

process.stdout.write(
  `${JSON.stringify({
    ready: true,
    armUrl: simulator.armUrl,
    pricesUrl: simulator.pricesUrl,
    caFile: simulator.caFile,
    subscriptionId: options.subscription,
    resourceGroup: options.resourceGroup,
    clusters: simulator.clusters.map(({ name, resourceId, kubernetesUrl, kubeconfigFile }) => ({
      name,
      resourceId,
      kubernetesUrl,
      kubeconfigFile,
    })),
  })}\n`,
);
