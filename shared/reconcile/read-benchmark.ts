import { Retryable } from '../errors/slipway-error.ts';
import type { RecordReference } from '../events/event-types.ts';
import type { BenchmarkReading } from '../lifecycle/benchmark.ts';
import { readBenchmark } from '../lifecycle/benchmark.ts';
import { workloadName } from '../manifests/names.ts';
import { engineFacts } from '../planning/engine-facts.ts';
import type { Plan } from '../planning/plan.ts';
import type { Services } from './services.ts';

/** KAITO's own measure. Source: reference, g.5. */
const lines = 500;
/** Lines of vLLM are a few hundred bytes long, tracebacks included: this is a limit on harm, not on what is read. */
const bytes = 4 * 1024 * 1024;

/** Looks for the benchmark's result in the log of the pod that leads a workspace's server. */
export async function readBenchmarkLog(
  services: Services,
  { cluster, namespace, name }: RecordReference,
  plan: Pick<Plan, 'runtime' | 'model'>,
): Promise<BenchmarkReading> {
  const { connection } = await services.cluster(cluster);
  const pod = { namespace, name: `${workloadName({ metadata: { name } })}-0` };
  const log = await connection.workloads.readLog({ pod, container: name, lines, bytes });
  if (log === undefined) {
    throw new Retryable('PodNotFound', { message: `pod ${namespace}/${pod.name} is not there` });
  }
  const reading = readBenchmark(log, engineFacts(plan));
  return 'failed' in reading ? { failed: `pod ${namespace}/${pod.name}: ${reading.failed}` } : reading;
}
