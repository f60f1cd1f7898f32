import type { Schema } from '../workspace/schema/structural-schema.ts';
import { managedBySlipway } from './object-metadata.ts';
import { statusSchema } from '../workspace/schema/status-schema.ts';
import { sectionSchemas } from '../workspace/schema/workspace-schema.ts';
import { group, kind, plural, storageVersion, versions, type Version } from '../workspace/workspace.ts';

/**
 * The CRD as JSON. Not the client's model: that renames schema keywords (`_enum`, `_default`, `x_kubernetes_...`) and drops
 * the real ones, so send this one as it is.
 */
export interface WorkspaceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    group: string;
    names: Record<'kind' | 'listKind' | 'plural' | 'singular', string> &
      Record<'shortNames' | 'categories', string[]>;
    scope: 'Namespaced';
    conversion: { strategy: 'None' };
    versions: VersionDefinition[];
  };
}

interface VersionDefinition {
  name: Version;
  served: boolean;
  storage: boolean;
  subresources: { status: object };
  additionalPrinterColumns: PrinterColumn[];
  schema: { openAPIV3Schema: Schema };
}

interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
}

/** Slipway's own memory beside KAITO's status fields. */
const ownStatus = {
  type: 'object',
  description: "Slipway's own state.",
  'x-kubernetes-preserve-unknown-fields': true,
} as const;

/** The Workspace CRD with both versions, from the schema that validates requests. Source of names and columns: reference, a and a.2. */
export function workspaceCustomResourceDefinition(): WorkspaceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: managedBySlipway },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: ['wk', 'wks'],
        categories: ['workspace'],
      },
      scope: 'Namespaced',
      conversion: { strategy: 'None' },
      versions: versions.map(versionDefinition),
    },
  };
}

function versionDefinition(name: Version): VersionDefinition {
  return {
    name,
    served: true,
    storage: name === storageVersion,
    subresources: { status: {} },
    additionalPrinterColumns: printerColumns(name),
    schema: { openAPIV3Schema: rootSchema(name) },
  };
}

function rootSchema(name: Version): Schema {
  const { resource, inference, tuning } = sectionSchemas[name];
  return {
    type: 'object',
    description: 'A model to serve or to tune, and the GPU nodes it needs.',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: {} },
      resource,
      inference,
      tuning,
      // Both versions carry all status fields: a v1alpha1 object must not lose what v1beta1 shows.
      status: { ...statusSchema, properties: { ...statusSchema.properties, slipway: ownStatus } },
    },
  };
}

function printerColumns(name: Version): PrinterColumn[] {
  const columns: PrinterColumn[] = [{ name: 'Instance', type: 'string', jsonPath: '.resource.instanceType' }];
  for (const condition of ['ResourceReady', 'InferenceReady', 'JobStarted', 'WorkspaceSucceeded']) {
    columns.push({
      name: condition,
      type: 'string',
      jsonPath: `.status.conditions[?(@.type=="${condition}")].status`,
    });
  }
  if (name === 'v1beta1') {
    columns.push({ name: 'TargetNodeCount', type: 'integer', jsonPath: '.status.targetNodeCount' });
    columns.push({ name: 'State', type: 'string', jsonPath: '.status.state' });
  }
  columns.push({ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' });
  return columns;
}
