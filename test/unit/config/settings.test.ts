import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../../../shared/config/settings.ts';
import { Terminal } from '../../../shared/errors/slipway-error.ts';

const subscription = '11111111-2222-3333-4444-555555555555';
const idOf = (cluster: string): string =>
  `/subscriptions/${subscription}/resourceGroups/models/providers/Microsoft.ContainerService/managedClusters/${cluster}`;
const namespaceSetting = 'ServiceBusConnection__fullyQualifiedNamespace';
const valid = {
  SLIPWAY_CLUSTERS: JSON.stringify([{ name: 'main', resourceId: idOf('aks-main') }]),
  [namespaceSetting]: 'bus.servicebus.windows.net',
};

function faultsOf(environment: Record<string, string | undefined>): string {
  let message: string | undefined;
  assert.throws(
    () => readSettings(environment),
    (error) => {
      assert.ok(error instanceof Terminal);
      assert.equal(error.code, 'SettingsInvalid');
      message = error.message;
      return true;
    },
  );
  return message ?? '';
}

function clustersFault(...clusters: unknown[]): string {
  return faultsOf({ ...valid, SLIPWAY_CLUSTERS: JSON.stringify(clusters) });
}

describe('settings', () => {
  it('takes what Azure gives a function app with one cluster', () => {
    const settings = readSettings({
      ...valid,
      WEBSITE_SITE_NAME: 'slipway-prod',
      IDENTITY_ENDPOINT: 'http://localhost:4141/msi/token',
      AZURE_CLIENT_ID: subscription,
    });
    assert.deepEqual(settings, {
      owner: 'slipway-prod',
      orphanSweep: 'remove',
      armEndpoint: 'https://management.azure.com',
      pricesEndpoint: 'https://prices.azure.com',
      credential: 'managed-identity',
      managedIdentityClientId: subscription,
      clusters: [
        {
          name: 'main',
          resourceId: idOf('aks-main'),
          subscriptionId: subscription,
          resourceGroup: 'models',
          clusterName: 'aks-main',
        },
      ],
      defaultCluster: 'main',
      serviceBus: { kind: 'identity', fullyQualifiedNamespace: 'bus.servicebus.windows.net' },
    });
  });

  it('removes orphans, or only tells of them, and takes no other word for either', () => {
    assert.equal(readSettings({ ...valid, SLIPWAY_ORPHAN_SWEEP: 'remove' }).orphanSweep, 'remove');
    assert.equal(readSettings({ ...valid, SLIPWAY_ORPHAN_SWEEP: ' report ' }).orphanSweep, 'report');
    for (const word of ['Remove', 'dry-run', 'true'])
      assert.match(faultsOf({ ...valid, SLIPWAY_ORPHAN_SWEEP: word }), /SLIPWAY_ORPHAN_SWEEP: is not known/);
  });

  it('takes the local simulator: development credential, loopback endpoints, a kubeconfig file', () => {
    const connectionString =
      'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true';
    const settings = readSettings({
      SLIPWAY_CLUSTERS: JSON.stringify([
        { name: 'main', resourceId: idOf('aks'), kubeconfig: '/tmp/kubeconfig' },
      ]),
      SLIPWAY_ARM_ENDPOINT: 'https://localhost:8443/',
      SLIPWAY_CREDENTIAL: 'development',
      SLIPWAY_OWNER: 'me',
      ServiceBusConnection: connectionString,
    });
    assert.equal(settings.armEndpoint, 'https://localhost:8443');
    assert.equal(settings.credential, 'development');
    assert.equal(settings.owner, 'me');
    assert.equal(settings.clusters[0]?.kubeconfig, '/tmp/kubeconfig');
    assert.deepEqual(settings.serviceBus, { kind: 'connectionString', connectionString });
  });

  it('falls back to the developer sign-in and the owner local', () => {
    const settings = readSettings(valid);
    assert.equal(settings.credential, 'default');
    assert.equal(settings.owner, 'local');
  });

  it('counts empty values as missing, as the portal writes them', () => {
    const settings = readSettings({
      ...valid,
      SLIPWAY_OWNER: ' ',
      AZURE_CLIENT_ID: '',
      ServiceBusConnection: '',
    });
    assert.equal(settings.owner, 'local');
    assert.equal(settings.managedIdentityClientId, undefined);
  });

  it('lists every fault at once, each with its setting and a remedy', () => {
    const message = faultsOf({
      SLIPWAY_ARM_ENDPOINT: 'http://localhost',
      SLIPWAY_PRICES_ENDPOINT: 'prices.azure.com',
      SLIPWAY_CREDENTIAL: 'password',
      SLIPWAY_OWNER: 'a b',
      AZURE_CLIENT_ID: 'me',
    });
    const lines = message.split('\n');
    assert.equal(lines.length, 8);
    for (const name of [
      'SLIPWAY_CLUSTERS',
      'SLIPWAY_ARM_ENDPOINT',
      'SLIPWAY_PRICES_ENDPOINT',
      'SLIPWAY_CREDENTIAL',
      'SLIPWAY_OWNER',
      'AZURE_CLIENT_ID',
      namespaceSetting,
    ]) {
      assert.ok(
        lines.some((line) => line.startsWith(`- ${name}:`)),
        `${name} is not named in:\n${message}`,
      );
    }
  });

  it('refuses the development credential for a real ARM endpoint', () => {
    assert.match(
      faultsOf({ ...valid, SLIPWAY_CREDENTIAL: 'development' }),
      /SLIPWAY_CREDENTIAL: is development/,
    );
  });

  it('is not fooled by a host that only looks local', () => {
    const message = faultsOf({
      ...valid,
      SLIPWAY_CREDENTIAL: 'development',
      SLIPWAY_ARM_ENDPOINT: 'https://localhost.example.com',
    });
    assert.match(message, /SLIPWAY_CREDENTIAL/);
  });

  it('refuses a Service Bus key for anything but this machine, without quoting it', () => {
    const message = faultsOf({
      SLIPWAY_CLUSTERS: valid.SLIPWAY_CLUSTERS,
      ServiceBusConnection:
        'Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey=c2VjcmV0',
    });
    assert.match(message, /ServiceBusConnection: holds a key for a host other than this machine/);
    assert.doesNotMatch(message, /c2VjcmV0/);
  });

  it('never quotes the value of a setting that can hold a secret', () => {
    const secret = 'hunter2-hunter2';
    const message = faultsOf({ SLIPWAY_CLUSTERS: `[{"name":"${secret}`, ServiceBusConnection: secret });
    assert.doesNotMatch(message, new RegExp(secret));
  });

  it('refuses both ways to Service Bus together', () => {
    assert.match(faultsOf({ ...valid, ServiceBusConnection: 'Endpoint=sb://localhost' }), /is set beside/);
  });

  it('needs a plain host name for Service Bus', () => {
    assert.match(
      faultsOf({ ...valid, [namespaceSetting]: 'https://bus.servicebus.windows.net' }),
      /not a host name/,
    );
  });

  it('reads nothing from the prototype of the environment', () => {
    const environment = { ...valid };
    Object.setPrototypeOf(environment, { SLIPWAY_OWNER: 'inherited' });
    assert.equal(readSettings(environment).owner, 'local');
  });
});

describe('the list of clusters', () => {
  it('takes the marked one of several as default', () => {
    const clusters = [
      { name: 'east', resourceId: idOf('east') },
      { name: 'west', resourceId: idOf('west'), default: true },
    ];
    const settings = readSettings({ ...valid, SLIPWAY_CLUSTERS: JSON.stringify(clusters) });
    assert.equal(settings.defaultCluster, 'west');
    assert.deepEqual(
      settings.clusters.map(({ name }) => name),
      ['east', 'west'],
    );
  });

  it("takes a cluster's region, so that ARM need not be asked for it", () => {
    const clusters = [{ name: 'east', resourceId: idOf('east'), location: 'eastus2' }];
    const settings = readSettings({ ...valid, SLIPWAY_CLUSTERS: JSON.stringify(clusters) });
    assert.equal(settings.clusters[0]?.location, 'eastus2');
    assert.match(clustersFault({ ...clusters[0], location: 'East US' }), /\[0\]\.location: is not/);
  });

  it('takes an ARM id in any case, as the portal and the CLI spell them differently', () => {
    const resourceId = idOf('main')
      .replace('resourceGroups', 'resourcegroups')
      .replace('Microsoft', 'microsoft');
    const settings = readSettings({
      ...valid,
      SLIPWAY_CLUSTERS: JSON.stringify([{ name: 'main', resourceId }]),
    });
    assert.equal(settings.clusters[0]?.clusterName, 'main');
  });

  const faults: [string, RegExp, unknown[]][] = [
    ['no cluster', /names no cluster/, []],
    ['an entry that is no object', /SLIPWAY_CLUSTERS\[0\]: is not an object/, ['main']],
    ['a name that is no DNS label', /\[0\]\.name/, [{ name: 'Main_1', resourceId: idOf('a') }]],
    [
      'an id of something else',
      /\[0\]\.resourceId/,
      [{ name: 'a', resourceId: `/subscriptions/${subscription}` }],
    ],
    ['an id of an agent pool', /\[0\]\.resourceId/, [{ name: 'a', resourceId: `${idOf('a')}/agentPools/p` }]],
    [
      'a default that is no boolean',
      /\[0\]\.default/,
      [{ name: 'a', resourceId: idOf('a'), default: 'yes' }],
    ],
    [
      'a kubeconfig that is no path',
      /\[0\]\.kubeconfig/,
      [{ name: 'a', resourceId: idOf('a'), kubeconfig: 7 }],
    ],
    [
      'a field nobody knows',
      /\[0\]\.kubeConfig: is not known/,
      [{ name: 'a', resourceId: idOf('a'), kubeConfig: 'x' }],
    ],
    [
      'two of one name',
      /names two clusters a/,
      [
        { name: 'a', resourceId: idOf('a'), default: true },
        { name: 'a', resourceId: idOf('b') },
      ],
    ],
    [
      'one cluster twice',
      /lists the cluster of b twice/,
      [
        { name: 'a', resourceId: idOf('a'), default: true },
        { name: 'b', resourceId: idOf('A') },
      ],
    ],
    [
      'no default',
      /marks no cluster as default/,
      [
        { name: 'a', resourceId: idOf('a') },
        { name: 'b', resourceId: idOf('b') },
      ],
    ],
    [
      'two defaults',
      /marks 2 clusters as default/,
      [
        { name: 'a', resourceId: idOf('a'), default: true },
        { name: 'b', resourceId: idOf('b'), default: true },
      ],
    ],
  ];
  for (const [what, pattern, clusters] of faults) {
    it(`refuses ${what}`, () => assert.match(clustersFault(...clusters), pattern));
  }

  it('is safe from names of the prototype', () => {
    assert.match(faultsOf({ ...valid, SLIPWAY_CLUSTERS: '[{"__proto__":{"name":"a"}}]' }), /\[0\]\.name/);
  });

  for (const text of ['{}', 'null', '"main"', '[', '7']) {
    it(`refuses ${text}`, () =>
      assert.match(faultsOf({ ...valid, SLIPWAY_CLUSTERS: text }), /not a JSON list/));
  }
});
