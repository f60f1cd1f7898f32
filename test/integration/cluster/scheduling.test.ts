import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchesPattern } from '../../../infra/local/cluster/faults.ts';
import { modelLoadSeconds, readModelCommand } from '../../../infra/local/cluster/model/model-command.ts';
import { standInAnswer } from '../../../infra/local/cluster/model/stand-in.ts';
import { parsePod, readPod } from '../../../infra/local/cluster/objects/pod.ts';
import { parseQuantity } from '../../../infra/local/cluster/objects/quantity.ts';
import { parseTaint, tolerates, tolerationSchema } from '../../../infra/local/cluster/objects/taints.ts';
import { unfitReason } from '../../../infra/local/cluster/pods/fit.ts';
import { stepContainer } from '../../../infra/local/cluster/pods/container-step.ts';
import { waitingStatus } from '../../../infra/local/cluster/pods/pod-status.ts';
import { loadTimings } from '../../../infra/local/cluster/timings.ts';
import type { StoredObject } from '../../../infra/local/kubernetes/contract.ts';

function stored(
  kind: string,
  rest: { labels?: Record<string, string>; spec?: object; status?: object },
): StoredObject {
  const metadata = {
    name: 'x',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '',
    labels: rest.labels ?? {},
  };
  return { apiVersion: 'v1', kind, metadata, spec: rest.spec ?? {}, status: rest.status ?? {} };
}

const none = new Map<string, number>();
const gpuNode = stored('Node', {
  labels: { apps: 'phi' },
  spec: { taints: [{ key: 'sku', value: 'gpu', effect: 'NoSchedule' }] },
  status: { allocatable: { cpu: '24', memory: '200Gi', pods: '110', 'nvidia.com/gpu': '1' } },
});
const container = { name: 'c', image: 'i', resources: { limits: { 'nvidia.com/gpu': 1 } } };
const toleration = { key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' };

describe('where the scheduler puts a pod', () => {
  it('needs its taints tolerated, its labels matched and its GPUs free', () => {
    const fits = stored('Pod', { spec: { containers: [container], tolerations: [toleration] } });
    assert.equal(unfitReason(fits, gpuNode, none), undefined);
    assert.equal(unfitReason(fits, gpuNode, new Map([['nvidia.com/gpu', 1]])), 'Insufficient nvidia.com/gpu');
    const intolerant = stored('Pod', { spec: { containers: [container] } });
    assert.match(unfitReason(intolerant, gpuNode, none)!, /untolerated taint \{sku: gpu\}/);
    const elsewhere = stored('Pod', {
      spec: { containers: [container], tolerations: [toleration], nodeSelector: { apps: 'llama' } },
    });
    assert.match(unfitReason(elsewhere, gpuNode, none)!, /node affinity\/selector/);
  });

  it('honours every operator of required node affinity', () => {
    const withTerm = (key: string, operator: string, values: string[] = []) => {
      const nodeSelectorTerms = [{ matchExpressions: [{ key, operator, values }] }];
      const affinity = {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
      };
      return (
        unfitReason(
          stored('Pod', { spec: { containers: [container], tolerations: [toleration], affinity } }),
          gpuNode,
          none,
        ) === undefined
      );
    };
    assert.deepEqual([withTerm('apps', 'In', ['phi']), withTerm('apps', 'In', ['x'])], [true, false]);
    assert.deepEqual(
      [withTerm('apps', 'NotIn', ['phi']), withTerm('other', 'NotIn', ['phi'])],
      [false, true],
    );
    assert.deepEqual([withTerm('apps', 'Exists'), withTerm('apps', 'DoesNotExist')], [true, false]);
  });

  it('never grants more of a resource than a node has, whatever is taken', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(8), fc.nat(8), (has, taken, wanted) => {
        const node = stored('Node', {
          status: { allocatable: { pods: '10', 'nvidia.com/gpu': String(has) } },
        });
        const resources = { limits: { 'nvidia.com/gpu': wanted } };
        const pod = stored('Pod', { spec: { containers: [{ name: 'c', image: 'i', resources }] } });
        const placed = unfitReason(pod, node, new Map([['nvidia.com/gpu', taken]])) === undefined;
        assert.equal(placed, wanted === 0 || taken + wanted <= has);
      }),
    );
  });

  it('reads quantities, taints and tolerations as Kubernetes does', () => {
    assert.deepEqual(['100m', '2', '1Gi', '1e3', '5k'].map(parseQuantity), [0.1, 2, 2 ** 30, 1000, 5000]);
    assert.throws(() => parseQuantity('1 GB'), /not a quantity/);
    assert.deepEqual(parseTaint('sku=gpu:NoSchedule'), { key: 'sku', value: 'gpu', effect: 'NoSchedule' });
    assert.equal(parseTaint('nonsense'), undefined);
    const all = tolerationSchema.parse({ operator: 'Exists' });
    assert.equal(tolerates(all, { key: 'any', value: '', effect: 'NoExecute' }), true);
  });
});

describe('how a container goes through its life', () => {
  const timings = loadTimings();
  const start = Date.UTC(2026, 0, 1);
  const waiting = waitingStatus(
    readPod(stored('Pod', { spec: { containers: [container] } })).spec.containers[0]!,
    'ContainerCreating',
  );

  it('ends in the same state whether looked at often or once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900_000 }), { maxLength: 12 }),
        fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        fc.constantFrom('Always', 'OnFailure', 'Never'),
        fc.integer({ min: 0, max: 1 }),
        (looks, endsAfter, restartPolicy, exitCode) => {
          const end =
            endsAfter === undefined ? undefined : { afterSeconds: endsAfter, exitCode, reason: 'Error' };
          const plan = { startedAfter: 40, readyAfter: 70, end };
          const look = (status: typeof waiting, now: number) =>
            stepContainer(status, {
              now,
              startAt: start,
              bootedAt: 0,
              plan,
              restartPolicy,
              timings: timings.pods,
            }).status;
          const last = start + 900_000;
          let often = waiting;
          for (const at of looks.toSorted((left, right) => left - right)) often = look(often, start + at);
          assert.deepEqual(look(often, last), look(waiting, last));
        },
      ),
    );
  });
});

describe('the model stand-in', () => {
  const pod = parsePod(
    stored('Pod', {
      spec: {
        containers: [
          {
            name: 'm',
            image: 'i',
            command: [
              'sh',
              '-c',
              "python3 /workspace/vllm/inference_api.py --model=microsoft/phi-4 --served-model-name='phi-4' --port=5001",
            ],
          },
          { name: 'n', image: 'i', command: ['nginx'] },
        ],
      },
    }),
  );

  it('learns its served name, port and size from the command', () => {
    const command = readModelCommand(pod.spec.containers[0]!, undefined)!;
    assert.deepEqual(
      [command.model, command.servedName, command.port, command.engine],
      ['microsoft/phi-4', 'phi-4', 5001, 'vllm'],
    );
    assert.equal(readModelCommand(pod.spec.containers[1]!, undefined), undefined);
    const { model } = loadTimings();
    const larger = modelLoadSeconds({ ...command, model: 'meta-llama/llama-3.3-70b-instruct' }, model);
    assert.ok(larger > 2 * modelLoadSeconds(command, model), 'a larger model takes longer');
  });

  it('answers the same prompt the same way and says that it is a stand-in', () => {
    fc.assert(
      fc.property(fc.string(), (prompt) => {
        const answer = standInAnswer('phi-4', prompt);
        assert.equal(answer, standInAnswer('phi-4', prompt));
        assert.match(answer, /stand-in for phi-4/);
      }),
    );
  });

  it('matches fault patterns literally but for the star', () => {
    assert.equal(matchesPattern('Standard_NC24*', 'standard_nc24ads_a100_v4'), true);
    assert.equal(matchesPattern('a.c', 'abc'), false);
    fc.assert(
      fc.property(fc.string(), (text) => matchesPattern(text.replaceAll('*', ''), text.replaceAll('*', ''))),
    );
  });
});
