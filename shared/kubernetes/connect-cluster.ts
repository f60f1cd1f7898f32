import type { Logger } from '../telemetry/logger.ts';
import { silentLogger } from '../telemetry/logger.ts';
import type { ClusterAccess } from './access.ts';
import { loadKubernetesClient } from './client-node.ts';
import { ClusterBelongings } from './belongings.ts';
import type { ClusterConnection } from './cluster.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { SessionObjects } from './cluster-objects.ts';
import { EventRecorder } from './events.ts';
import { ClusterRecords } from './records.ts';
import { RefusalMap } from './refusals.ts';
import { Session } from './session.ts';
import type { DefinitionManifest } from './system.ts';
import { ClusterSystemAdapter } from './system.ts';
import { ClusterWorkloads } from './workloads.ts';

/** One call to a cluster may take this long, real milliseconds. */
const callTimeout = 15_000;

export interface ConnectOptions {
  /** The cluster's name in the settings; stands in every error message. */
  name: string;
  access: ClusterAccess;
  /** The Workspace CRD that `system.install()` applies. */
  definition: DefinitionManifest;
  logger?: Logger;
  /** Real milliseconds for one call, default 15 s. */
  timeout?: number;
}

/** A connection, with what node provisioners need beside it. */
export interface ConnectedCluster extends ClusterConnection {
  readonly objects: ClusterObjects;
}

/** Loads client-node and makes the ports to one cluster. Asks for nothing yet: access is fetched by the first call. */
export async function connectCluster(options: ConnectOptions): Promise<ConnectedCluster> {
  const { name, access, definition, logger = silentLogger, timeout = callTimeout } = options;
  const session = new Session(await loadKubernetesClient(), { cluster: name, access, logger, timeout });
  const objects = new SessionObjects(session);
  return {
    name,
    records: new ClusterRecords(session),
    workloads: new ClusterWorkloads(session),
    system: new ClusterSystemAdapter(session, definition),
    objects,
    belongings: new ClusterBelongings(objects),
    refusals: new RefusalMap(session),
    events: new EventRecorder(session),
  };
}
