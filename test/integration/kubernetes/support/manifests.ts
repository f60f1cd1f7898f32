import type { NewObject } from '../../../../infra/local/kubernetes/contract.ts';

export function pod(
  name: string,
  more: { spec?: object; labels?: Record<string, string>; finalizers?: string[] } = {},
): NewObject {
  const { spec, labels, finalizers } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      ...(labels ? { labels } : {}),
      ...(finalizers ? { finalizers } : {}),
    },
    spec: { containers: [{ name: 'main', image: 'example.com/app:1' }], ...spec },
  };
}

export function configMap(name: string, more: object = {}): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ...more },
    data: { colour: 'red' },
  };
}

export function deployment(name: string, spec: object = {}) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'example.com/web:1' }] } },
      ...spec,
    },
  };
}

const versionSchema = {
  openAPIV3Schema: {
    type: 'object',
    required: ['engine'],
    properties: {
      engine: {
        type: 'object',
        required: ['model'],
        properties: {
          model: { type: 'string', enum: ['v6', 'v8'] },
          power: { type: 'integer', minimum: 1, maximum: 900, default: 100 },
          notes: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          fuel: { 'x-kubernetes-int-or-string': true },
        },
      },
      seats: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['row'],
        items: {
          type: 'object',
          required: ['row'],
          properties: { row: { type: 'integer' }, colour: { type: 'string' } },
        },
      },
      status: { type: 'object', properties: { phase: { type: 'string' } } },
    },
  },
};

/** A kind that, as KAITO's, keeps its payload beside `spec` and serves two versions. */
export const carDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'cars.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'cars', kind: 'Car', shortNames: ['c'] },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: versionSchema,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Model', type: 'string', jsonPath: '.engine.model' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
      { name: 'v1alpha1', served: true, storage: false, schema: versionSchema, subresources: { status: {} } },
    ],
  },
};

export function car(name: string, more: object = {}): NewObject {
  return {
    apiVersion: 'example.com/v1beta1',
    kind: 'Car',
    metadata: { name, namespace: 'default' },
    engine: { model: 'v6' },
    ...more,
  };
}

export const resource = {
  pods: { group: '', version: 'v1', plural: 'pods' },
  nodes: { group: '', version: 'v1', plural: 'nodes' },
  namespaces: { group: '', version: 'v1', plural: 'namespaces' },
  configMaps: { group: '', version: 'v1', plural: 'configmaps' },
  deployments: { group: 'apps', version: 'v1', plural: 'deployments' },
  cars: { group: 'example.com', version: 'v1beta1', plural: 'cars' },
} as const;

export const path = {
  pods: '/api/v1/namespaces/default/pods',
  configMaps: '/api/v1/namespaces/default/configmaps',
  services: '/api/v1/namespaces/default/services',
  deployments: '/apis/apps/v1/namespaces/default/deployments',
  definitions: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  cars: '/apis/example.com/v1beta1/namespaces/default/cars',
} as const;
