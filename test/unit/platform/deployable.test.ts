import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { repository } from '../../../infra/build.ts';
import { readHostJson } from '../../../infra/local/functions/settings/host-json.ts';
import { appSettings } from '../../../infra/local/platform/app-settings.ts';
import { readSettings } from '../../../shared/config/settings.ts';
import { Queue } from '../../../shared/events/event-types.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';

const read = (...path: string[]): string => readFileSync(join(repository, ...path), 'utf8');
const clusterId =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c';

const queuesFile = z.object({
  UserConfig: z.object({
    Namespaces: z.tuple([
      z.object({
        Queues: z.array(
          z.object({ Name: z.string(), Properties: z.object({ RequiresSession: z.boolean() }) }),
        ),
      }),
    ]),
  }),
});

describe('what is deployed', () => {
  it('has the same queues in Azure, in the embedded broker and in the app', () => {
    const bicep = [
      ...read('infra/azure/modules/service-bus.bicep').matchAll(/name: '([\w-]+)', sessions: (\w+)/g),
    ];
    const azure = Object.fromEntries(bicep.map(([, name = '', sessions]) => [name, sessions === 'true']));
    const { UserConfig } = queuesFile.parse(JSON.parse(read('infra/local/servicebus/queues.json')));
    const local = UserConfig.Namespaces[0].Queues.map(({ Name, Properties }) => [
      Name,
      Properties.RequiresSession,
    ]);
    assert.deepEqual(azure, Object.fromEntries(local));
    assert.deepEqual(Object.keys(azure).sort(), Object.values(Queue).sort());
  });

  it('sets in Azure every setting that the app needs, under the names it reads', () => {
    const bicep = read('infra/azure/modules/function-app.bicep');
    const block = bicep.slice(bicep.indexOf('var commonSettings'), bicep.indexOf('resource app '));
    const names = [...block.matchAll(/^\s+([A-Za-z]\w+):/gm)].map(([, name = '']) => name);
    const values: Record<string, string> = {
      AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
      SLIPWAY_CLUSTERS: JSON.stringify([{ name: 'main', resourceId: clusterId, default: true }]),
      SLIPWAY_OWNER: 'func-slipway-abc',
      SLIPWAY_ORPHAN_SWEEP: 'report',
      SLIPWAY_ARM_ENDPOINT: 'https://management.azure.com/',
      ServiceBusConnection__fullyQualifiedNamespace: 'sb-slipway-abc.servicebus.windows.net',
    };
    const deployed = Object.fromEntries(names.map((name) => [name, values[name] ?? 'set']));
    const settings = readSettings({ ...deployed, IDENTITY_ENDPOINT: 'http://127.0.0.1/identity' });
    assert.equal(settings.managedIdentityClientId, values['AZURE_CLIENT_ID']);
    assert.equal(settings.defaultCluster, 'main');
    assert.deepEqual(settings.serviceBus, {
      kind: 'identity',
      fullyQualifiedNamespace: 'sb-slipway-abc.servicebus.windows.net',
    });
    for (const name of Object.keys(values)) assert.ok(names.includes(name), `${name} is set`);
  });

  it('has sample settings for func, and platform settings, that the app accepts', () => {
    const sample = z.object({ Values: z.record(z.string(), z.string()) });
    assert.equal(
      readSettings(sample.parse(JSON.parse(read('local.settings.sample.json'))).Values).owner,
      'local',
    );
    const cluster = {
      name: 'demo',
      resourceId: clusterId,
      kubernetesUrl: 'https://127.0.0.1:2',
      kubeconfigFile: 'k',
    };
    const platform = appSettings(
      {
        ready: true,
        armUrl: 'https://127.0.0.1:1',
        pricesUrl: 'https://127.0.0.1:1',
        caFile: 'ca.pem',
        clusters: [cluster],
      },
      { ready: true, port: 3, connectionString: 'Endpoint=sb://127.0.0.1:3;UseDevelopmentEmulator=true' },
    );
    assert.equal(readSettings(platform).defaultCluster, 'demo');
    assert.equal(
      readSettings(platform).pricesEndpoint,
      'https://127.0.0.1:1',
      'no local run asks prices.azure.com',
    );
  });

  it('overrides host.json only at paths that are there', () => {
    const hostJson: unknown = JSON.parse(read('host.json'));
    const prefix = 'AzureFunctionsJobHost__';
    for (const file of ['infra/azure/modules/function-app.bicep', 'local.settings.sample.json']) {
      const overrides = [...read(file).matchAll(new RegExp(`${prefix}(\\w+)`, 'g'))];
      assert.ok(overrides.length > 0);
      for (const [, path = ''] of overrides) {
        const found = path
          .split('__')
          .reduce<unknown>((value, key) => z.record(z.string(), z.unknown()).parse(value)[key], hostJson);
        assert.equal(typeof found, 'string', `${path} in ${file}`);
      }
    }
  });

  it('has a host.json that the host reads, with a session per workspace at a time', async () => {
    const { extensions } = await readHostJson(repository, {});
    assert.equal(extensions.http.routePrefix, 'api');
    assert.equal(extensions.serviceBus.autoCompleteMessages, true);
    assert.equal(extensions.serviceBus.sessionIdleTimeout, 1_000);
    assert.match(
      extensions.durableTask.hubName,
      /^[A-Za-z][A-Za-z0-9]{2,44}$/,
      'a name that Azure Storage allows too',
    );
  });
});

describe('openapi.yaml', () => {
  it('is whole: every reference leads somewhere and every operation has an id and an error', () => {
    const document: unknown = parseYaml(read('openapi.yaml'));
    const record = z.record(z.string(), z.unknown());
    const visit = (node: unknown): void => {
      if (Array.isArray(node)) node.forEach(visit);
      if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
      for (const [key, value] of Object.entries(node)) {
        if (key === '$ref') {
          const path = z.string().parse(value).replace('#/', '').split('/');
          const target = path.reduce<unknown>((from, part) => record.parse(from)[part], document);
          assert.notEqual(target, undefined, String(value));
        }
        visit(value);
      }
    };
    visit(document);
    const paths = record.parse(record.parse(document)['paths']);
    const ids = new Set<string>();
    for (const path of Object.values(paths)) {
      for (const [method, operation] of Object.entries(record.parse(path))) {
        if (!['get', 'put', 'post', 'delete'].includes(method)) continue;
        const { operationId, responses } = z
          .object({ operationId: z.string(), responses: z.record(z.string(), z.unknown()) })
          .parse(operation);
        assert.ok(!ids.has(operationId));
        ids.add(operationId);
        assert.ok('default' in responses || '503' in responses, operationId);
      }
    }
    assert.equal(ids.size, 12);
  });
});

describe('the examples', () => {
  const files = readdirSync(join(repository, 'examples')).filter((file) => file.endsWith('.yaml'));

  for (const file of files) {
    it(`${file} is a workspace that the app accepts`, () => {
      const parsed = parseDocument(read('examples', file), 'application/yaml');
      assert.ok(parsed.ok);
      const checked = validateCreate(parsed.value);
      assert.deepEqual(checked.ok ? [] : checked.faults, []);
      const warned = checked.ok && checked.warnings.length > 0;
      assert.equal(warned, file.includes('retired'), 'only the retired size is warned of');
    });
  }

  it('all have a line in the README', () => {
    const readme = read('examples/README.md');
    for (const file of files) assert.ok(readme.includes(`(${file})`), file);
  });
});

describe('the roles of the deployment', () => {
  it('let the app look up sizes and quotas in the subscription of each cluster, and nothing else there', () => {
    const actions = [
      ...read('infra/azure/modules/region-reader.bicep').matchAll(/'(Microsoft\.Compute\/[^']+)'/g),
    ];
    assert.deepEqual(
      actions.map(([, action]) => action),
      ['Microsoft.Compute/skus/read', 'Microsoft.Compute/locations/usages/read'],
    );
    assert.match(read('infra/azure/main.bicep'), /modules\/region-reader\.bicep/);
  });
});

describe('rbac.yaml', () => {
  it('binds the identity to rules on every kind that the app touches', () => {
    const documents = read('infra/azure/rbac.yaml')
      .split(/^---$/m)
      .map((text): unknown => parseYaml(text));
    const rule = z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      verbs: z.array(z.string()),
    });
    const role = z.object({ kind: z.enum(['ClusterRole', 'Role']), rules: z.array(rule) });
    const rules = documents.flatMap((each) => role.safeParse(each).data?.rules ?? []);
    const may = (verb: string, group: string, resource: string): boolean =>
      rules.some(
        (each) =>
          each.verbs.includes(verb) && each.apiGroups.includes(group) && each.resources.includes(resource),
      );
    for (const [verb, group, resource] of [
      ['create', 'kaito.sh', 'workspaces'],
      ['update', 'kaito.sh', 'workspaces/status'],
      ['patch', 'kaito.sh', 'workspaces/status'],
      ['watch', 'kaito.sh', 'workspaces'],
      ['patch', 'apps', 'statefulsets'],
      ['patch', 'apps', 'daemonsets'],
      ['patch', 'batch', 'jobs'],
      ['patch', '', 'services'],
      ['delete', '', 'persistentvolumeclaims'],
      ['list', '', 'nodes'],
      ['get', '', 'namespaces'],
      ['get', 'storage.k8s.io', 'storageclasses'],
      ['patch', 'apiextensions.k8s.io', 'customresourcedefinitions'],
      ['update', 'coordination.k8s.io', 'leases'],
    ] as const) {
      assert.ok(may(verb, group, resource), `${verb} ${resource}.${group}`);
    }
    assert.ok(!rules.some((each) => [...each.verbs, ...each.resources, ...each.apiGroups].includes('*')));
    assert.ok(!rules.some((each) => each.resources.includes('secrets')), 'it has no business with secrets');
  });
});
