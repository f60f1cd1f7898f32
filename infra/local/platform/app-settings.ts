import type { AzureReady, ServiceBusReady } from './ready-lines.ts';

const durableStorage = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider';
const loopback = ['127.0.0.1', 'localhost', '::1'];

/** The app settings under which the function app runs here: the names it has in Azure, with local values. */
export function appSettings(
  azure: AzureReady,
  serviceBus: ServiceBusReady,
  provisioner?: 'agentPool' | 'karpenter' | 'byo',
): Record<string, string> {
  const clusters = azure.clusters.map(({ name, resourceId }, index) => ({
    name,
    resourceId,
    default: index === 0,
    ...(provisioner === undefined ? {} : { provisioner }),
  }));
  return {
    ServiceBusConnection: serviceBus.connectionString,
    SLIPWAY_CLUSTERS: JSON.stringify(clusters),
    SLIPWAY_ARM_ENDPOINT: azure.armUrl,
    SLIPWAY_PRICES_ENDPOINT: azure.pricesUrl,
    SLIPWAY_CREDENTIAL: 'development',
    SLIPWAY_OWNER: 'local',
    NODE_EXTRA_CA_CERTS: azure.caFile,
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    // The real host under `npm run start:func` keeps orchestrations in Azurite; host.json names the scheduler in Azure.
    [`${durableStorage}__type`]: 'AzureStorage',
    [`${durableStorage}__connectionStringName`]: 'AzureWebJobsStorage',
    ...withoutProxy(),
  };
}

/** A proxy set on the developer's machine must not be asked for loopback addresses. */
function withoutProxy(): Record<string, string> {
  const kept = process.env['NO_PROXY'] ?? process.env['no_proxy'] ?? '';
  const list = [...new Set([...kept.split(',').filter((host) => host !== ''), ...loopback])].join(',');
  return { NO_PROXY: list, no_proxy: list };
}
