import { readBenchmarkLog } from '../../shared/reconcile/read-benchmark.ts';
import { readBenchmark } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(readBenchmark, (services, { record, plan }) => readBenchmarkLog(services, record, plan));
