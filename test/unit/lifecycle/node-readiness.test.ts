import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gpuRemedy } from '../../../shared/lifecycle/gpu-remedy.ts';
import { nodesOutlook } from '../../../shared/lifecycle/nodes-outlook.ts';
import { observe } from '../../../shared/lifecycle/observe-workspace.ts';
import { readObserved } from '../../../shared/lifecycle/read-observed.ts';
import { resourceVerdicts } from '../../../shared/lifecycle/resource-verdicts.ts';
import type { ObservedNode } from '../../../shared/lifecycle/slipway-status.ts';
import type { GpuProblem, NodeView } from '../../../shared/kubernetes/cluster.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import { allocation, firstPool, observed, plan, pool, status, uid } from './support/snapshots.ts';

const held = allocation({ seen: true });
const large = plan({ gpusPerNode: 4 });
const problem: GpuProblem = { reason: 'DriverMissing', message: 'the driver is not there' };

function node(change: Partial<ObservedNode> = {}): ObservedNode {
  return { name: 'gpu-0', pool: firstPool, ready: true, gpus: 4, ...change };
}
const seen = (...nodes: ObservedNode[]): ReturnType<typeof observed> => observed({ pools: [pool()], nodes });

describe('nodes are enough', () => {
  it('when each offers as many GPUs as the plan counts on, or one MIG slice', () => {
    assert.equal(nodesOutlook(held, seen(node()), large).state, 'ready');
    const few = nodesOutlook(held, seen(node({ gpus: 3 })), large);
    assert.equal(few.state, 'waiting');
    assert.match('what' in few ? few.what : '', /on 1 of 1 nodes \(node gpu-0 offers 3 of its 4 GPUs\)/);
    const slice = plan({ gpusPerNode: 4, migProfile: '1g.10gb' });
    assert.equal(nodesOutlook(held, seen(node({ gpus: 1 })), slice).state, 'ready');
    assert.equal(nodesOutlook(held, seen(node({ gpus: 0 })), slice).state, 'waiting');
  });

  it('and say which step is missing where they offer none', () => {
    const blind = seen(node({ gpus: 0, gpuProblem: problem }));
    const outlook = nodesOutlook(held, blind, large);
    assert.match('what' in outlook ? outlook.what : '', /the driver is not there/);
    const { nodes } = resourceVerdicts(status({ allocations: [held], plan: large }), null, blind);
    assert.deepEqual(nodes, { ready: false, reason: 'NodePluginsNotReady', message: problem.message });
  });

  it('only of the size that was asked for, in whatever case its label is written', () => {
    const view = (size: string): NodeView => ({
      name: 'gpu-0',
      labels: { agentpool: firstPool, 'node.kubernetes.io/instance-type': size },
      ready: true,
      deleting: false,
      gpus: 1,
    });
    const listed: PoolView = {
      name: firstPool,
      instanceType: 'Standard_NC24ads_A100_v4',
      count: 1,
      state: 'succeeded',
      provisioningState: 'Succeeded',
      tags: {},
    };
    const look = (size: string): ObservedNode | undefined =>
      observe({ pools: [listed], nodes: [view(size)], workloads: [] }, uid, [held], null).nodes[0];
    assert.equal(look('standard_nc24ads_a100_V4')?.ready, true);
    assert.equal(look('Standard_D4s_v5')?.ready, false);
    assert.match(look('Standard_D4s_v5')?.reason ?? '', /Standard_D4s_v5, not Standard_NC24ads_A100_v4/);
  });

  it('with a warning of the resources that run short, in KAITO’s words', () => {
    const pressed = seen(
      node({ pressure: ['DiskPressure', 'MemoryPressure'] }),
      node({ name: 'gpu-1', pressure: ['PIDPressure'] }),
    );
    const { nodes } = resourceVerdicts(status({ allocations: [held] }), null, pressed);
    assert.equal(
      nodes.message,
      'Enough Nodes are ready; warning: worker node(s) under resource pressure: gpu-0 (DiskPressure, MemoryPressure), gpu-1 (PIDPressure)',
    );
  });

  it('as read back from the record', () => {
    const looked = seen(node({ gpus: 0, gpuProblem: problem, pressure: ['DiskPressure'] }));
    assert.deepEqual(readObserved(JSON.parse(JSON.stringify(looked))), looked);
    const broken = { ...looked, nodes: [{ ...node(), gpuProblem: { reason: 'Other' }, pressure: 'x' }] };
    assert.equal(readObserved(broken), null, 'the next tick writes it anew');
  });

  it('or else there is a remedy that begins with the step that is missing', () => {
    const remedies = [
      undefined,
      ...(
        ['DevicePluginAbsent', 'DevicePluginNotScheduled', 'DevicePluginFailing', 'DriverMissing'] as const
      ).map((reason) => ({ reason, message: '' })),
    ].map(gpuRemedy);
    assert.equal(new Set(remedies).size, remedies.length);
    for (const remedy of remedies) assert.match(remedy, /billed until the workspace is deleted\.$/);
  });
});
