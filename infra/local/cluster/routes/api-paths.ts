/** `/api/v1/namespaces/{ns}/services|pods/{name}[:port]/proxy/{path}` in parts. */
export interface ProxyPath {
  namespace: string;
  kind: 'services' | 'pods';
  name: string;
  port: string | undefined;
  /** The path inside the server behind it. */
  path: string;
}

/** Parses a proxy path; a scheme prefix as in `https:name:port` is dropped. Undefined for other paths. */
export function parseProxyPath(path: string): ProxyPath | undefined {
  const parts = /^\/api\/v1\/namespaces\/([^/]+)\/(services|pods)\/([^/]+)\/proxy(\/.*)?$/.exec(path);
  if (parts === null) return undefined;
  const [, namespace = '', kind, target = '', rest = '/'] = parts;
  const segments = decodeURIComponent(target).split(':');
  if (segments[0] === 'http' || segments[0] === 'https') segments.shift();
  const [name = '', port] = segments;
  return {
    namespace,
    kind: kind === 'pods' ? 'pods' : 'services',
    name,
    port: port === '' ? undefined : port,
    path: rest,
  };
}

/** `/api/v1/namespaces/{ns}/pods/{name}/log` in parts. */
export function parseLogPath(path: string): { namespace: string; name: string } | undefined {
  const parts = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/log$/.exec(path);
  if (parts === null) return undefined;
  const [, namespace = '', name = ''] = parts;
  return { namespace, name: decodeURIComponent(name) };
}
