import { registerOrchestrator } from './register.ts';
import { Orchestrator } from '../contracts/names.ts';
import { clusterLifecycle } from './cluster-lifecycle.ts';

registerOrchestrator(Orchestrator.cluster, clusterLifecycle);
