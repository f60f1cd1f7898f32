/** What a resource path names. `group` and `version` of `/api/v1` are empty and `v1`. */
export interface ResourcePath {
  group: string;
  version: string;
  namespace?: string;
  plural: string;
  name?: string;
  /** `status`, `scale`, `log`, `proxy/...`: what follows the name. */
  subresource?: string;
}

/** Subresources of a namespace itself; any other third segment is a resource within it. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** Reads `/api/v1/...` and `/apis/<group>/<version>/...` paths; undefined for anything else, group and version roots included. */
export function parseResourcePath(pathname: string): ResourcePath | undefined {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const decoded = segments.map(decode);
  const [root, ...rest] = decoded;
  if (root === 'api') return parseRest('', rest);
  if (root === 'apis') return parseRest(rest[0] ?? '', rest.slice(1));
  return undefined;
}

function parseRest(group: string, [version, ...segments]: string[]): ResourcePath | undefined {
  const [first, second, third, ...others] = segments;
  if (version === undefined || first === undefined) return undefined;
  const base = { group, version };
  if (first === 'namespaces' && second !== undefined && third !== undefined) {
    const ofNamespace = group === '' && others.length === 0 && namespaceSubresources.has(third);
    if (!ofNamespace) {
      const [name, ...subresource] = others;
      return { ...base, namespace: second, plural: third, ...named(name, subresource) };
    }
  }
  return { ...base, plural: first, ...named(second, third === undefined ? [] : [third, ...others]) };
}

function named(name: string | undefined, subresource: string[]): Pick<ResourcePath, 'name' | 'subresource'> {
  if (name === undefined) return {};
  return subresource.length === 0 ? { name } : { name, subresource: subresource.join('/') };
}

/** A malformed escape stands for itself: such a name exists nowhere and answers 404. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** The verb of a request on a resource path; undefined for methods Kubernetes does not know. */
export function verbOf(method: string, path: ResourcePath, query: URLSearchParams): Verb | undefined {
  const watching = query.get('watch') === 'true' || query.get('watch') === '1';
  switch (method) {
    case 'GET':
      return path.name === undefined || watching ? (watching ? 'watch' : 'list') : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}
