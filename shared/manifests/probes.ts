import type { V1Probe } from './kubernetes-models.ts';
import type { Plan } from '../planning/plan.ts';
import { Label } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { leaderAddress } from './names.ts';
import { decodePort, rayPort, servingPort } from './ports.ts';

export interface Probes {
  startupProbe: V1Probe;
  livenessProbe: V1Probe;
  readinessProbe: V1Probe;
}

const benchmark = 'python3 /workspace/vllm/benchmark_entrypoint.py';
const healthCheck = 'python3 /workspace/vllm/multi-node-health-check.py';
const periodSeconds = 10;
/** The benchmark runs 60 s and waits for the model before. */
const benchmarkSeconds = 600;

/** How the kubelet finds out that a model has loaded, serves, and lives. Source: reference, g.5. */
export function inferenceProbes(workspace: Workspace, plan: Plan): Probes {
  const failureThreshold = Math.ceil(plan.readinessTimeoutSeconds / periodSeconds);
  const distributed = plan.runtime === 'vllm' && plan.nodeCount > 1;
  const port =
    workspace.metadata.labels[Label.inferenceRole] === 'decode' && plan.runtime === 'vllm'
      ? decodePort
      : servingPort;
  if (distributed) return distributedProbes(leaderAddress(workspace), { plan, port, failureThreshold });
  const health = { path: '/health', port };
  return {
    startupProbe: plan.benchmark
      ? {
          exec: { command: benchmark.split(' ') },
          periodSeconds,
          timeoutSeconds: benchmarkSeconds,
          failureThreshold,
        }
      : { httpGet: health, periodSeconds, failureThreshold },
    livenessProbe: { httpGet: health, periodSeconds, failureThreshold: 3 },
    readinessProbe: { httpGet: health, initialDelaySeconds: 30, periodSeconds },
  };
}

/** Only the leader serves: workers count as ready at once, and restart with it. */
function distributedProbes(
  leader: string,
  how: { plan: Plan; port: number; failureThreshold: number },
): Probes {
  const { plan, port, failureThreshold } = how;
  const readiness = shell(`${healthCheck} readiness --leader-address=${leader} --vllm-port=${port}`);
  const liveness = shell(`${healthCheck} liveness --leader-address=${leader} --ray-port=${rayPort}`);
  const onLeader = shell(`if [ "$POD_INDEX" = "0" ]; then ${benchmark}; else true; fi`);
  return {
    startupProbe: plan.benchmark
      ? { exec: onLeader, periodSeconds, timeoutSeconds: benchmarkSeconds, failureThreshold }
      : { exec: readiness, periodSeconds, timeoutSeconds: 1, failureThreshold },
    livenessProbe: {
      exec: liveness,
      initialDelaySeconds: 60,
      periodSeconds,
      timeoutSeconds: 5,
      failureThreshold: 1,
      terminationGracePeriodSeconds: 1,
    },
    readinessProbe: { exec: readiness, periodSeconds, timeoutSeconds: 1, failureThreshold: 1 },
  };
}

function shell(line: string): { command: string[] } {
  return { command: ['/bin/sh', '-c', line] };
}
