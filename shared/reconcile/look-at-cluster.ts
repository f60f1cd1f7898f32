/** What a preview asks the cluster: the record of that name, the user's ConfigMaps, what Azure refused lately, the time. */
import { Retryable, SlipwayError } from '../errors/slipway-error.ts';
import type { CustomResource } from '../kubernetes/cluster.ts';
import type { PlanContext } from '../planning/plan.ts';
import type { Refusal } from '../planning/refusal.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { contextOf } from './plan-for-size.ts';
import type { ClusterServices, Services } from './services.ts';

/** The cluster as far as it answers. */
export interface SeenCluster {
  services: ClusterServices | undefined;
  record: CustomResource | undefined;
  context: PlanContext;
  refusals: readonly Refusal[];
  /** By the cluster's clock, which all request times are told by; ISO 8601. */
  now: string;
}

/** Real milliseconds that a preview waits for the cluster; it can be told without. */
const patience = 5000;

/** Throws `Terminal('UnknownCluster')`; whatever else the cluster's ports throw becomes a note. */
export async function lookAtCluster(
  services: Services,
  { cluster, workspace, notes }: { cluster: string; workspace: Workspace; notes: string[] },
): Promise<SeenCluster> {
  const admission = services.admission(cluster);
  try {
    return await inTime(look(services.cluster(cluster), workspace, admission), cluster);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code === 'UnknownCluster') throw error;
    notes.push(
      `cluster ${cluster} does not answer (${error.message}): ConfigMaps, records and remembered refusals were not looked at`,
    );
    const now = new Date().toISOString();
    const context: PlanContext = admission.provisioning === 'byo' ? { provisioning: 'byo' } : {};
    return { services: undefined, record: undefined, context, refusals: [], now };
  }
}

async function look(
  connecting: Promise<ClusterServices>,
  workspace: Workspace,
  admission: Partial<AdmissionContext>,
): Promise<SeenCluster> {
  const services = await connecting;
  const { records, refusals } = services.connection;
  const [found, context] = await Promise.all([
    records.get(workspace.metadata),
    contextOf(services.connection, workspace, admission),
  ]);
  const now = found.serverTime;
  return { services, record: found.value, context, refusals: await refusals.list(now), now };
}

async function inTime<T>(work: Promise<T>, cluster: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const message = `no answer from ${cluster} within ${patience / 1000} s`;
      reject(new Retryable('ClusterUnreachable', { message }));
    }, patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
