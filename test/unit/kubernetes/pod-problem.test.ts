import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ContainerFacts, PodFacts } from '../../../shared/kubernetes/pod-problem.ts';
import { findPodProblem } from '../../../shared/kubernetes/pod-problem.ts';

const container = (facts: Partial<ContainerFacts>): ContainerFacts => ({
  name: 'phi',
  ready: false,
  ...facts,
});
const pod = (name: string, status: NonNullable<PodFacts['status']>): PodFacts => ({
  metadata: { name },
  status,
});
const waiting = (reason: string, message?: string): PodFacts =>
  pod('a-0', {
    containerStatuses: [container({ state: { waiting: { reason, ...(message && { message }) } } })],
  });
const oom = { terminated: { reason: 'OOMKilled', exitCode: 137 } };
const evicted = (message: string): PodFacts => pod('a-0', { phase: 'Failed', reason: 'Evicted', message });
const unschedulable = pod('a-0', {
  conditions: [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' },
  ],
});

describe('what keeps a pod from running', () => {
  const byWaiting: [string, string[]][] = [
    [
      'ImagePullError',
      [
        'ImagePullBackOff',
        'ErrImagePull',
        'InvalidImageName',
        'ErrImageNeverPull',
        'ImageInspectError',
        'RegistryUnavailable',
      ],
    ],
    [
      'ContainerStartError',
      [
        'CreateContainerConfigError',
        'CreateContainerError',
        'PreCreateHookError',
        'PreStartHookError',
        'RunContainerError',
        'PostStartHookError',
      ],
    ],
    ['ContainerCrashLoopBackOff', ['CrashLoopBackOff']],
  ];
  for (const [expected, reasons] of byWaiting) {
    for (const reason of reasons) {
      it(`is ${expected} when a container waits with ${reason}`, () => {
        assert.deepEqual(findPodProblem([waiting(reason, 'told')]), {
          reason: expected,
          message: 'told',
          pod: 'a-0',
        });
      });
    }
  }

  it('is nothing while a container is merely being created', () => {
    assert.equal(findPodProblem([waiting('ContainerCreating'), waiting('PodInitializing')]), undefined);
  });

  it('is memory when the container was killed for it, also while it backs off from restarting', () => {
    for (const facts of [
      { state: oom },
      { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: oom },
    ]) {
      const problem = findPodProblem([pod('a-0', { containerStatuses: [container(facts)] })]);
      assert.equal(problem?.reason, 'ContainerOOMKilled');
      assert.match(problem.message, /137/);
    }
  });

  it('is forgotten once the container is ready again', () => {
    const recovered = container({ ready: true, state: {}, lastState: oom });
    assert.equal(findPodProblem([pod('a-0', { containerStatuses: [recovered] })]), undefined);
  });

  it('is found in init containers as well', () => {
    const init = container({ name: 'puller', state: { waiting: { reason: 'ErrImagePull' } } });
    assert.equal(findPodProblem([pod('a-0', { initContainerStatuses: [init] })])?.reason, 'ImagePullError');
  });

  it('tells the last exit code of a crash loop', () => {
    const crashing = container({
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
      lastState: { terminated: { reason: 'Error', exitCode: 2 } },
    });
    assert.equal(
      findPodProblem([pod('a-0', { containerStatuses: [crashing] })])?.message,
      'back-off 5m0s; last exit code 2',
    );
  });

  const evictions: [string, string][] = [
    ['The node was low on resource: ephemeral-storage.', 'NodeDiskPressure'],
    ['The node had condition: [DiskPressure].', 'NodeDiskPressure'],
    ['The node was low on resource: memory.', 'NodeMemoryPressure'],
    ['Preempted for something else.', 'PodEvicted'],
  ];
  for (const [message, reason] of evictions) {
    it(`is ${reason} after an eviction that says: ${message}`, () => {
      assert.deepEqual(findPodProblem([evicted(message)]), { reason, message, pod: 'a-0' });
    });
  }

  it('is scheduling when no node fits', () => {
    assert.deepEqual(findPodProblem([unschedulable]), {
      reason: 'Unschedulable',
      message: '0/1 nodes are available',
      pod: 'a-0',
    });
  });

  it('is told in KAITO’s order: containers, then evictions, then scheduling', () => {
    const all = [unschedulable, evicted('memory'), waiting('CrashLoopBackOff')];
    assert.equal(findPodProblem(all)?.reason, 'ContainerCrashLoopBackOff');
    assert.equal(findPodProblem(all.slice(0, 2))?.reason, 'NodeMemoryPressure');
  });

  it('does not depend on the order in which pods are listed', () => {
    const crash = (name: string): PodFacts => ({ ...waiting('CrashLoopBackOff', name), metadata: { name } });
    fc.assert(
      fc.property(fc.shuffledSubarray(['a-0', 'a-1', 'a-2'], { minLength: 3 }), (names) => {
        assert.equal(findPodProblem(names.map(crash))?.pod, 'a-0');
      }),
    );
  });

  it('is not asked of pods that go away or have done their work', () => {
    const going = {
      ...waiting('CrashLoopBackOff'),
      metadata: { name: 'a-0', deletionTimestamp: new Date(0) },
    };
    const done = pod('a-1', { phase: 'Succeeded', containerStatuses: [container({ state: oom })] });
    assert.equal(findPodProblem([going, done]), undefined);
  });

  it('is told in at most 256 bytes, without half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }), (message) => {
        const told = findPodProblem([waiting('CrashLoopBackOff', message)])?.message ?? '';
        assert.ok(Buffer.byteLength(told) <= 256);
        assert.ok(message.startsWith(told));
      }),
    );
  });
});
