import { Retryable } from '../errors/slipway-error.ts';
import { serverSideApply } from './apply.ts';
import type { ClusterSystem, ObjectName, OwnershipView, Tombstone } from './cluster.ts';
import { isRecord } from '../workspace/json-object.ts';
import { ensureDevicePlugin } from './device-plugin.ts';
import { managedBy, managedByLabel, systemNamespace } from './labels.ts';
import { checkLease, holdLease } from './lease.ts';
import type { Manifest } from './manifest.ts';
import type { Session } from './session.ts';
import { findTombstone, forgetTombstones, rememberDelete } from './tombstones.ts';

/** A CustomResourceDefinition as wire JSON, sent as it is. */
export interface DefinitionManifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

/** Identity, ownership, installation and tombstones of one cluster. */
export class ClusterSystemAdapter implements ClusterSystem {
  readonly #session: Session;
  readonly #definition: DefinitionManifest;

  constructor(session: Session, definition: DefinitionManifest) {
    this.#session = session;
    this.#definition = definition;
  }

  async identity(): Promise<string> {
    const { metadata } = await this.#session.call('read namespace kube-system', ({ core }) =>
      core.readNamespace({ name: 'kube-system' }),
    );
    if (metadata?.uid === undefined) {
      throw new Retryable('ClusterUnreachable', { message: 'The API server told no uid of kube-system.' });
    }
    return metadata.uid;
  }

  async install(): Promise<{ established: boolean }> {
    await serverSideApply(this.#session, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: systemNamespace, labels: { [managedByLabel]: managedBy } },
    });
    const applied = await serverSideApply(this.#session, this.#definition);
    return { established: isEstablished(applied) };
  }

  ensureDevicePlugin(manifest: Manifest): Promise<'existing' | 'ours'> {
    return ensureDevicePlugin(this.#session, manifest);
  }

  holdOwnership(holder: string, now: string): Promise<OwnershipView> {
    return holdLease(this.#session, holder, now);
  }

  checkOwnership(holder: string): Promise<OwnershipView> {
    return checkLease(this.#session, holder);
  }

  rememberDelete(tombstone: Tombstone): Promise<void> {
    return rememberDelete(this.#session, tombstone);
  }

  findTombstone(workspace: ObjectName): Promise<Tombstone | undefined> {
    return findTombstone(this.#session, workspace);
  }

  forgetTombstones(before: string): Promise<number> {
    return forgetTombstones(this.#session, before);
  }
}

function isEstablished(definition: unknown): boolean {
  const status = isRecord(definition) ? definition['status'] : undefined;
  const conditions = isRecord(status) ? status['conditions'] : undefined;
  return (
    Array.isArray(conditions) &&
    conditions.some((one) => isRecord(one) && one['type'] === 'Established' && one['status'] === 'True')
  );
}
