import type { V1Service, V1ServicePort } from './kubernetes-models.ts';
import { Annotation, Label } from '../workspace/annotations.ts';
import type { Plan } from '../planning/plan.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { headlessServiceName, serviceName, workloadName } from './names.ts';
import { ownedMetadata } from './object-metadata.ts';
import { keyValueEventsPort, servingPort } from './ports.ts';

/** The Service users call and the headless one that gives pods their host names. Source: reference, g.6. */
export function renderServices(workspace: Workspace, plan: Plan, ownerUid: string): V1Service[] {
  const { annotations, name } = workspace.metadata;
  const balanced = annotations[Annotation.enableLoadBalancer] === 'True';
  const ports = [
    port('http', 80, servingPort),
    port('ray', 6379, 6379),
    port('dashboard', 8265, 8265),
    ...(!balanced && plan.runtime === 'vllm'
      ? [port('kv-events', keyValueEventsPort, keyValueEventsPort)]
      : []),
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: ownedMetadata(workspace, serviceName(workspace), ownerUid),
      spec: {
        type: balanced ? 'LoadBalancer' : 'ClusterIP',
        selector: {
          [Label.workspace]: name,
          'statefulset.kubernetes.io/pod-name': `${workloadName(workspace)}-0`,
        },
        ports,
        publishNotReadyAddresses: true,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: ownedMetadata(workspace, headlessServiceName(workspace), ownerUid),
      spec: {
        type: 'ClusterIP',
        clusterIP: 'None',
        selector: { [Label.workspace]: name },
        publishNotReadyAddresses: true,
      },
    },
  ];
}

function port(name: string, outside: number, inside: number): V1ServicePort {
  return { name, protocol: 'TCP', port: outside, targetPort: inside };
}
