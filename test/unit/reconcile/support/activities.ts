/** What each activity does, by the name under which orchestrators call it: the registrations without the Functions SDK. */
import { toFailure } from '../../../../functions/activities/to-failure.ts';
import type { Activity, Outcome } from '../../../../functions/contracts/activity.ts';
import * as clusterContracts from '../../../../functions/contracts/cluster-activities.ts';
import * as contracts from '../../../../functions/contracts/workspace-activities.ts';
import { SlipwayError } from '../../../../shared/errors/slipway-error.ts';
import { applyWorkload } from '../../../../shared/reconcile/apply-workload.ts';
import { observeCluster } from '../../../../shared/reconcile/observe-cluster.ts';
import { operatePool } from '../../../../shared/reconcile/operate-pool.ts';
import { planRung } from '../../../../shared/reconcile/plan-rung.ts';
import { prepareCluster } from '../../../../shared/reconcile/prepare-cluster.ts';
import { readBenchmarkLog } from '../../../../shared/reconcile/read-benchmark.ts';
import type { Services } from '../../../../shared/reconcile/services.ts';
import { silentLogger } from '../../../../shared/telemetry/logger.ts';
import {
  addFinalizer,
  expire,
  findPools,
  finish,
  observe,
  removeWorkload,
  writeStatus,
} from '../../../../shared/reconcile/workspace-turn.ts';

type Act = (input: unknown) => Promise<unknown>;

/** Activities over these services. Inputs pass through JSON, as the durable history has it. */
export function activities(services: Services): ReadonlyMap<string, Act> {
  const acts = new Map<string, Act>();
  const on = <I extends object, O>(contract: Activity<I, O>, act: (input: I) => Promise<O>): void => {
    // The history is untyped; that an input belongs to its activity is what the contract's name vouches for.
    acts.set(contract.name, (input) => act(JSON.parse(JSON.stringify(input)) as I));
  };
  on(contracts.observeWorkspace, async (input) => ({ snapshot: await observe(services, input) }));
  on(contracts.addFinalizer, async (input) => ({ written: await addFinalizer(services, input) }));
  on(contracts.planWorkspace, (input) => planRung(services, input));
  on(contracts.applyWorkload, async ({ record, plan: planned, revision }) => ({
    objects: await applyWorkload(services, record, planned, revision),
  }));
  on(contracts.readBenchmark, ({ record, plan }) => readBenchmarkLog(services, record, plan));
  on(contracts.removeWorkload, async (input) => ({ left: await removeWorkload(services, input) }));
  on(contracts.writeStatus, async ({ record, write }) => ({
    written: await writeStatus(services, record, write),
  }));
  on(contracts.finishWorkspace, async (input) => ({ written: await finish(services, input) }));
  on(contracts.expireWorkspace, async ({ record }) => ({ written: await expire(services, record) }));
  on(contracts.findPools, async ({ cluster, uid, pools }) => ({
    pools: await findPools(services, cluster, uid, pools),
  }));
  on(contracts.nudgeCluster, () => Promise.resolve({ nudged: true }));
  on(clusterContracts.prepareCluster, (input) => prepareCluster(services, input));
  on(clusterContracts.observeCluster, (input) => observeCluster(services, input));
  on(clusterContracts.operatePool, ({ cluster, operation, now }) =>
    operatePool(services, cluster, operation, now === undefined ? undefined : { now, log: silentLogger }),
  );
  on(clusterContracts.checkPower, async ({ cluster }) => ({
    condition: await (await services.cluster(cluster)).provisioner.powerState(),
  }));
  return acts;
}

/** As the registration of an activity has it: errors become values. */
export async function outcomeOf(act: () => Promise<unknown>): Promise<Outcome<unknown>> {
  try {
    return { ok: true, value: await act() };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { ok: false, failure: toFailure(error) };
  }
}
