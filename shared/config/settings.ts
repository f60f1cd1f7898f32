import type { ClusterSettings } from './cluster-settings.ts';
import { readClusters } from './cluster-settings.ts';
import { hostOf, isLoopback } from './loopback.ts';
import { readServiceBus } from './service-bus-settings.ts';
import type { ServiceBusSettings } from './service-bus-settings.ts';
import { SettingFaults } from './setting-fault.ts';

/** How the app proves to Azure who it is. */
export const CredentialKind = {
  /** The function app's identity; user-assigned when `AZURE_CLIENT_ID` names one. */
  ManagedIdentity: 'managed-identity',
  /** Whatever the developer's machine offers: environment, Azure CLI, ... */
  Default: 'default',
  /** A fixed token, accepted by the local simulator alone. */
  Development: 'development',
} as const;
export type CredentialKind = (typeof CredentialKind)[keyof typeof CredentialKind];

/** Everything the app is told from outside, checked. */
export interface Settings {
  /** Name of this deployment: written in pool tags and in the cluster's Lease. */
  owner: string;
  /** Whether what belongs to nothing is removed, or only reported. */
  orphanSweep: 'remove' | 'report';
  /** Base URL of Azure Resource Manager, without a trailing slash. */
  armEndpoint: string;
  /** Base URL of Azure's retail price list, without a trailing slash. */
  pricesEndpoint: string;
  credential: CredentialKind;
  managedIdentityClientId?: string;
  clusters: ClusterSettings[];
  defaultCluster: string;
  serviceBus: ServiceBusSettings;
}

const publicArmEndpoint = 'https://management.azure.com';
const publicPricesEndpoint = 'https://prices.azure.com';

/**
 * Environment to settings. Throws `Terminal('SettingsInvalid')` that lists every fault at once, each with the
 * setting's name and a remedy. An empty value counts as missing, as the Functions portal writes them.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const faults = new SettingFaults();
  const value = (name: string): string | undefined => {
    const text = Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined;
    return text === '' ? undefined : text;
  };
  const clientId = value('AZURE_CLIENT_ID');
  const armEndpoint = readEndpoint('SLIPWAY_ARM_ENDPOINT', value, { usual: publicArmEndpoint, faults });
  const pricesEndpoint = readEndpoint('SLIPWAY_PRICES_ENDPOINT', value, {
    usual: publicPricesEndpoint,
    faults,
  });
  const kind =
    value('SLIPWAY_CREDENTIAL') ??
    (value('IDENTITY_ENDPOINT') === undefined ? CredentialKind.Default : CredentialKind.ManagedIdentity);
  const credential = readCredential(kind, armEndpoint, faults);
  const owner = readOwner(value('SLIPWAY_OWNER'), value('WEBSITE_SITE_NAME'), faults);
  const orphanSweep = readSweep(value('SLIPWAY_ORPHAN_SWEEP'), faults);
  const clusterList = readClusters(value('SLIPWAY_CLUSTERS'), faults);
  const serviceBus = readServiceBus(
    {
      connectionString: value('ServiceBusConnection'),
      namespace: value('ServiceBusConnection__fullyQualifiedNamespace'),
    },
    faults,
  );
  if (clientId !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(clientId)) {
    faults.add(
      'AZURE_CLIENT_ID',
      'is not a GUID',
      'Use the client id of the user-assigned identity, or remove it.',
    );
  }
  if (
    !faults.isEmpty ||
    clusterList === undefined ||
    serviceBus === undefined ||
    credential === undefined ||
    armEndpoint === undefined ||
    pricesEndpoint === undefined
  ) {
    throw faults.toError();
  }
  return {
    owner,
    orphanSweep,
    armEndpoint,
    pricesEndpoint,
    credential,
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
    ...clusterList,
    serviceBus,
  };
}

/** An https URL: the ARM client refuses to send a token over plain http, even on loopback, and prices decide what is bought. */
function readEndpoint(
  setting: string,
  value: (name: string) => string | undefined,
  { usual, faults }: { usual: string; faults: SettingFaults },
): string | undefined {
  const text = value(setting);
  if (text === undefined) return usual;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.search !== '') {
    faults.add(setting, 'is not an https URL', `Remove it to use ${usual}.`);
    return undefined;
  }
  return url.href.replace(/\/$/, '');
}

function readCredential(
  kind: string,
  armEndpoint: string | undefined,
  faults: SettingFaults,
): CredentialKind | undefined {
  const known = Object.values(CredentialKind).find((one) => one === kind);
  if (known === undefined) {
    faults.add('SLIPWAY_CREDENTIAL', 'is not known', `Use ${Object.values(CredentialKind).join(', ')}.`);
    return undefined;
  }
  const host = armEndpoint === undefined ? undefined : hostOf(armEndpoint);
  if (known === CredentialKind.Development && host !== undefined && !isLoopback(host)) {
    faults.add(
      'SLIPWAY_CREDENTIAL',
      'is development although SLIPWAY_ARM_ENDPOINT is not on this machine',
      'Remove it: the development credential works with the local simulator only.',
    );
    return undefined;
  }
  return known;
}

function readSweep(text: string | undefined, faults: SettingFaults): Settings['orphanSweep'] {
  if (text === undefined || text === 'remove' || text === 'report') return text ?? 'remove';
  faults.add(
    'SLIPWAY_ORPHAN_SWEEP',
    'is not known',
    'Use report to be told of orphans only, or remove, which is what happens without it.',
  );
  return 'report';
}

function readOwner(owner: string | undefined, site: string | undefined, faults: SettingFaults): string {
  const name = owner ?? site ?? 'local';
  if (!/^[A-Za-z0-9]([-.\w]{0,61}[A-Za-z0-9])?$/.test(name)) {
    faults.add(
      'SLIPWAY_OWNER',
      'is not a plain name',
      'Use up to 63 letters, digits, hyphens, dots and underscores.',
    );
  }
  return name;
}
