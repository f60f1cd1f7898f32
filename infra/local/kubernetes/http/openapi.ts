import type { JsonObject } from '../json.ts';
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts';
import type { Registry } from '../resources/registry.ts';

/**
 * Enough of `/openapi/v3` for kubectl to learn that the server validates fields itself (`fieldValidation` on PATCH); schemas are not
 * published. Undefined for paths that are not documents.
 */
export function openApi(pathname: string, registry: Registry): JsonObject | undefined {
  if (pathname === '/openapi/v3') {
    const roots = new Set(registry.all().map(rootOf));
    return {
      paths: Object.fromEntries(
        [...roots].map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }]),
      ),
    };
  }
  const [, root] = /^\/openapi\/v3\/(.+)$/.exec(pathname) ?? [];
  const definitions = registry.all().filter((definition) => rootOf(definition) === root);
  if (definitions.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.33.5' },
    paths: Object.fromEntries(
      definitions.map((definition) => [pathOf(definition), { patch: patchOperation(definition) }]),
    ),
    components: { schemas: {} },
  };
}

function rootOf(definition: ResourceDefinition): string {
  return `${definition.group === '' ? 'api' : 'apis'}/${apiVersionOf(definition)}`;
}

function pathOf(definition: ResourceDefinition): string {
  const namespace = definition.namespaced ? 'namespaces/{namespace}/' : '';
  return `/${rootOf(definition)}/${namespace}${definition.plural}/{name}`;
}

function patchOperation({ group, version, kind }: ResourceDefinition): JsonObject {
  const parameter = (name: string): JsonObject => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  });
  return {
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(parameter),
    responses: { 200: { description: 'OK' } },
  };
}
