import assert from 'node:assert/strict';
import type {
  ClusterConnection,
  CustomResource,
  NewCustomResource,
  Timed,
} from '../../../shared/kubernetes/cluster.ts';
import { SlipwayError } from '../../../shared/errors/slipway-error.ts';

/** What the contract needs of a connection under test: a cluster nobody else uses, with an admin's hand in it. */
export interface ClusterUnderTest {
  connection: ClusterConnection;
  /** Creates any object as an administrator would; resolves to its uid. */
  create(manifest: Manifest): Promise<string>;
  /** Writes the status of an object, as its controller or kubelet would. */
  setStatus(manifest: Manifest, status: Record<string, unknown>): Promise<void>;
  /** Deletes an object, finalizers and all. */
  remove(manifest: Manifest): Promise<void>;
  /** The object as stored; undefined when absent. */
  read(manifest: Manifest): Promise<Record<string, unknown> | undefined>;
  /** All objects of a type. */
  list(type: Pick<Manifest, 'apiVersion' | 'plural'>): Promise<Record<string, unknown>[]>;
  /** Makes a node of a pool with that name come up with one GPU; resolves once it has been asked for. */
  addGpuNode(pool: string): Promise<void>;
  /** Lets the cluster's time pass until the condition holds. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

/** Any object, plural named: what the administrator's hand takes. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  plural: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** A valid Workspace named as given, in namespace default. */
export function workspace(name: string, namespace = 'default'): NewCustomResource {
  return {
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { name, namespace, annotations: { 'slipway.dev/note': 'first' } },
    resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: { matchLabels: { apps: name } } },
    inference: { preset: { name: 'phi-4', accessMode: 'public' } },
  };
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof SlipwayError, `expected one of our errors, got ${String(thrown)}`);
  return thrown.code;
}

/** Creates a record and insists that the answer is on the server's clock. */
export async function createRecord(
  cluster: ClusterUnderTest,
  object: NewCustomResource,
): Promise<CustomResource> {
  const created: Timed<CustomResource> = await cluster.connection.records.create(object);
  assert.match(created.serverTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  return created.value;
}
