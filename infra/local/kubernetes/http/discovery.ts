import type { JsonObject } from '../json.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import type { Registry } from '../resources/registry.ts';

/** The Kubernetes version the simulator plays. */
const serverVersion = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.5-simulator',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'node',
  compiler: 'node',
  platform: 'linux/amd64',
};

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Answers of `/version`, `/api`, `/apis`, `/api/v1`, `/apis/<g>` and `/apis/<g>/<v>`; undefined for other paths. */
export function discover(pathname: string, registry: Registry): JsonObject | undefined {
  const path = pathname.replace(/\/+$/, '');
  if (path === '/version') return serverVersion;
  if (path === '/api') {
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(registry) };
  if (path === '/api/v1')
    return resourceList(
      'v1',
      registry.all().filter(({ group }) => group === ''),
    );
  const [, group, version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (group === undefined) return undefined;
  const ofGroup = registry.all().filter((definition) => definition.group === group);
  if (version === undefined) {
    const found = groups(registry).find(({ name }) => name === group);
    return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...found };
  }
  const ofVersion = ofGroup.filter((definition) => definition.version === version);
  return ofVersion.length === 0 ? undefined : resourceList(`${group}/${version}`, ofVersion);
}

interface Group {
  name: string;
  versions: { groupVersion: string; version: string }[];
  preferredVersion: { groupVersion: string; version: string } | undefined;
}

function groups(registry: Registry): Group[] {
  const versions = new Map<string, Set<string>>();
  for (const { group, version } of registry.all()) {
    if (group === '') continue;
    versions.set(group, (versions.get(group) ?? new Set()).add(version));
  }
  return [...versions].map(([name, known]) => {
    const listed = [...known]
      .sort((left, right) => precedence(right) - precedence(left))
      .map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions: listed, preferredVersion: listed[0] };
  });
}

/** Kubernetes prefers GA over beta over alpha, and the higher number among equals. */
export function precedence(version: string): number {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  const rank = stage === undefined ? 2 : stage === 'beta' ? 1 : 0;
  return major === undefined ? -1 : rank * 1e6 + Number(major) * 1e3 + Number(minor ?? 0);
}

function resourceList(groupVersion: string, definitions: ResourceDefinition[]): JsonObject {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: definitions.flatMap(resources),
  };
}

function resources(definition: ResourceDefinition): JsonObject[] {
  const { plural, singular, namespaced, kind, shortNames, categories, hasStatus, scale, group } = definition;
  const subresource = (name: string, of: JsonObject): JsonObject => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    ...of,
  });
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...(hasStatus ? [subresource('status', { verbs: ['get', 'patch', 'update'] })] : []),
    ...(scale === undefined
      ? []
      : [
          subresource('scale', {
            kind: 'Scale',
            group: 'autoscaling',
            version: 'v1',
            verbs: ['get', 'patch', 'update'],
          }),
        ]),
    ...(group === '' && plural === 'pods'
      ? podSubresources.map((part) => subresource(part.name, part.of))
      : []),
    ...(group === '' && plural === 'services'
      ? [subresource('proxy', { kind: 'ServiceProxyOptions', verbs: ['create', 'get'] })]
      : []),
  ];
}

const podSubresources = [
  { name: 'log', of: { verbs: ['get'] } },
  { name: 'binding', of: { kind: 'Binding', verbs: ['create'] } },
  { name: 'eviction', of: { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] } },
];
