import { hostOf, isLoopback } from './loopback.ts';
import type { SettingFaults } from './setting-fault.ts';

/** Connection name that every Service Bus trigger of the app names. */
export const serviceBusConnection = 'ServiceBusConnection';
const namespaceSetting = `${serviceBusConnection}__fullyQualifiedNamespace`;

/** How to reach Service Bus: by identity in Azure, by connection string on loopback only. */
export type ServiceBusSettings =
  | { kind: 'identity'; fullyQualifiedNamespace: string }
  | { kind: 'connectionString'; connectionString: string };

/** Faults never quote the connection string: it holds a key. */
export function readServiceBus(
  values: { connectionString: string | undefined; namespace: string | undefined },
  faults: SettingFaults,
): ServiceBusSettings | undefined {
  const { connectionString, namespace } = values;
  if (connectionString !== undefined && namespace !== undefined) {
    faults.add(
      serviceBusConnection,
      `is set beside ${namespaceSetting}`,
      `Keep ${namespaceSetting} in Azure, ${serviceBusConnection} for local development.`,
    );
    return undefined;
  }
  if (connectionString !== undefined) return readConnectionString(connectionString, faults);
  if (namespace === undefined) {
    faults.add(
      namespaceSetting,
      'is missing',
      'Set it to <namespace>.servicebus.windows.net; the app signs in with its managed identity.',
    );
    return undefined;
  }
  const host = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/i;
  if (!host.test(namespace)) {
    faults.add(
      namespaceSetting,
      'is not a host name',
      'Use <namespace>.servicebus.windows.net, without a scheme.',
    );
    return undefined;
  }
  return { kind: 'identity', fullyQualifiedNamespace: namespace };
}

function readConnectionString(
  connectionString: string,
  faults: SettingFaults,
): ServiceBusSettings | undefined {
  const endpoint = /(?:^|;)\s*Endpoint\s*=\s*([^;]+)/i.exec(connectionString)?.[1];
  // `sb` is no scheme that URL parses a port for, so read it as https.
  const host = endpoint === undefined ? undefined : hostOf(endpoint.trim().replace(/^\w+:\/\//, 'https://'));
  if (host === undefined) {
    faults.add(
      serviceBusConnection,
      'has no Endpoint',
      'Expected Endpoint=sb://localhost;SharedAccessKeyName=...',
    );
    return undefined;
  }
  if (!isLoopback(host)) {
    faults.add(
      serviceBusConnection,
      'holds a key for a host other than this machine',
      `In Azure set ${namespaceSetting} instead: the app signs in with its managed identity.`,
    );
    return undefined;
  }
  return { kind: 'connectionString', connectionString };
}
