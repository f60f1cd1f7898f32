import type { StoredObject } from '../contract.ts';
import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../json.ts';
import { metadataSchema } from '../schema/builtin-schemas.ts';
import { readSchema } from '../schema/read-schema.ts';
import type { Schema } from '../schema/schema.ts';
import type { PrinterColumn, ResourceDefinition, ScalePaths } from './definition.ts';

/** The resource definitions a CustomResourceDefinition serves, one a served version. */
export function customDefinitions(crd: StoredObject): ResourceDefinition[] {
  const names = objectAt(crd, 'spec', 'names') ?? {};
  const kind = stringAt(names, 'kind') ?? '';
  const versions = listAt(crd, 'spec', 'versions').filter(isObject);
  const storage = versions.find((version) => version['storage'] === true);
  const shared = {
    group: stringAt(crd, 'spec', 'group') ?? '',
    kind,
    listKind: stringAt(names, 'listKind') ?? `${kind}List`,
    plural: stringAt(names, 'plural') ?? '',
    singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
    shortNames: strings(names['shortNames']),
    categories: strings(names['categories']),
    namespaced: stringAt(crd, 'spec', 'scope') === 'Namespaced',
    custom: true,
    storageVersion: stringAt(storage, 'name') ?? '',
    hasGeneration: true,
    behaviour: {},
  };
  return versions
    .filter((version) => version['served'] === true)
    .map((version) => ({ ...shared, ...perVersion(version) }));
}

function perVersion(
  version: JsonObject,
): Pick<ResourceDefinition, 'version' | 'schema' | 'hasStatus' | 'scale' | 'columns' | 'selectableFields'> {
  const scale = scalePaths(objectAt(version, 'subresources', 'scale'));
  return {
    version: stringAt(version, 'name') ?? '',
    schema: rootSchema(objectAt(version, 'schema', 'openAPIV3Schema')),
    hasStatus: objectAt(version, 'subresources', 'status') !== undefined,
    ...(scale === undefined ? {} : { scale }),
    columns: columns(version['additionalPrinterColumns']),
    selectableFields: listAt(version, 'selectableFields').flatMap((field) => {
      const path = stringAt(field, 'jsonPath');
      return path === undefined ? [] : [path.replace(/^\./, '')];
    }),
  };
}

/** What every object has is typed by the server, whatever the CRD says of it. */
function rootSchema(source: JsonObject | undefined): Schema {
  const schema = readSchema(source ?? {});
  const identity: Record<string, Schema> = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: metadataSchema(),
  };
  return { ...schema, properties: { ...schema.properties, ...identity } };
}

function scalePaths(scale: JsonObject | undefined): ScalePaths | undefined {
  const path = (field: string): string | undefined => stringAt(scale, field)?.replace(/^\./, '');
  const [specReplicas, statusReplicas] = [path('specReplicasPath'), path('statusReplicasPath')];
  if (specReplicas === undefined || statusReplicas === undefined) return undefined;
  const labelSelector = path('labelSelectorPath');
  return { specReplicas, statusReplicas, ...(labelSelector === undefined ? {} : { labelSelector }) };
}

/** Without columns of its own a custom resource shows its age. */
function columns(source: unknown): PrinterColumn[] {
  const declared = listAt(source).filter(isObject);
  return declared.map((column) => ({
    name: stringAt(column, 'name') ?? '',
    type: stringAt(column, 'type') ?? 'string',
    description: stringAt(column, 'description') ?? '',
    priority: typeof column['priority'] === 'number' ? column['priority'] : 0,
    cell: stringAt(column, 'jsonPath') ?? '',
  }));
}

function strings(value: unknown): string[] {
  return listAt(value).filter((item) => typeof item === 'string');
}
