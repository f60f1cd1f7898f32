import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, readState, workspaceDocument } from '../harness/workspaces.ts';

const workspaces = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };
const logPath = '**/pods/*/log';

describe('the benchmark of a model', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());
  afterEach(() => platform.azure.faults.clear());

  const ask = async (name: string, annotations: Record<string, string> = {}): Promise<void> => {
    const posted = await platform.request('POST', '/workspaces', workspaceDocument(name, { annotations }));
    assert.equal(posted.status, 202, posted.text);
    await platform.until('it answers', () => phaseOf(platform, name) === 'Ready');
  };
  const conditionOf = (name: string, type: string): string => {
    const found = conditionsOf(statusOf(platform, name)).find((condition) => condition['type'] === type);
    return found === undefined ? 'absent' : `${text(found['status'])} ${text(found['reason'])}`;
  };
  const trailOf = (name: string): unknown => record(statusOf(platform, name)['slipway'])['trail'];
  const peakOf = (name: string): Record<string, unknown> => {
    const performance = record(statusOf(platform, name)['performance']);
    return record(record(performance['metrics'])['peakTokensPerMinute']);
  };

  it('is told in status.performance, and then the workspace is Ready', async () => {
    await ask('measured');
    assert.equal(readState(platform, 'measured')?.state, 'Ready');
    assert.equal(conditionOf('measured', 'BenchmarkCompleted'), 'True BenchmarkCompleted');
    assert.equal(conditionOf('measured', 'WorkspaceSucceeded'), 'True workspaceSucceeded');
    const { value, config, ...words } = peakOf('measured');
    assert.deepEqual(words, { description: 'stress/high-concurrency', unit: 'tokens/min' });
    assert.ok(Number(value) > 0, text(value));
    assert.deepEqual(config, {
      durationSec: '60',
      inputTokens: '2048',
      outputTokens: '256',
      maxConcurrency: '16',
      engine: 'vllm',
      engineVersion: '0.25.1',
      quantization: '',
    });
    const order = conditionsOf(statusOf(platform, 'measured')).map(({ type }) => type);
    assert.deepEqual(order.slice(-3), ['InferenceReady', 'BenchmarkCompleted', 'WorkspaceSucceeded']);

    // Recorded once: another run of the pod does not change it.
    platform.azure.faults.add({ pods: [{ match: { name: 'measured-0' }, effect: 'benchmarkFailed' }] });
    platform.store.remove(
      { group: '', version: 'v1', plural: 'pods' },
      { namespace: 'default', name: 'measured-0' },
    );
    await platform.until('it is missed', () => phaseOf(platform, 'measured') === 'Degraded');
    assert.equal(conditionOf('measured', 'BenchmarkCompleted'), 'True BenchmarkCompleted');
    await platform.until('it answers again', () => phaseOf(platform, 'measured') === 'Ready');
    assert.equal(readState(platform, 'measured')?.state, 'Ready');
    assert.equal(peakOf('measured')['value'], value);
  });

  it('that failed makes the workspace NotReady though it answers, until the log has a result', async () => {
    platform.azure.faults.add({ pods: [{ match: { name: 'failing-0' }, effect: 'benchmarkFailed' }] });
    await ask('failing');
    const state = readState(platform, 'failing');
    assert.equal(state?.state, 'NotReady');
    assert.equal(state.failure, undefined);
    assert.match(
      state.waitingFor,
      /benchmark result.*pod default\/failing-0: benchmark failed: TPM value -1/,
    );
    assert.equal(conditionOf('failing', 'InferenceReady'), 'True WorkspaceInferenceStatusSuccess');
    assert.equal(conditionOf('failing', 'BenchmarkCompleted'), 'False BenchmarkFailed');
    assert.equal(conditionOf('failing', 'WorkspaceSucceeded'), 'False BenchmarkFailed');
    assert.deepEqual(peakOf('failing'), {});
    const trail = trailOf('failing');
    await platform.pass(1800);
    assert.equal(readState(platform, 'failing')?.state, 'NotReady');
    assert.deepEqual(trailOf('failing'), trail, 'a failure that stays is told once');

    platform.azure.faults.clear();
    await platform.until('the result is seen', () => readState(platform, 'failing')?.state === 'Ready');
    assert.equal(conditionOf('failing', 'BenchmarkCompleted'), 'True BenchmarkCompleted');
    assert.equal(readState(platform, 'failing')?.waitingFor, '');
    assert.ok(Number(peakOf('failing')['value']) > 0);
  });

  it('that the log does not tell of is missed', async () => {
    platform.azure.faults.add({ pods: [{ match: { name: 'unlogged-0' }, effect: 'benchmarkUnlogged' }] });
    await ask('unlogged');
    assert.equal(readState(platform, 'unlogged')?.state, 'NotReady');
    assert.match(readState(platform, 'unlogged')?.waitingFor ?? '', /no KAITO_BENCHMARK_RESULT line found/);
  });

  it('in a log that cannot be read now is asked for again soon, and shown meanwhile', async () => {
    platform.azure.faults.add({ kubernetes: [{ action: 'status', code: 500, match: { path: logPath } }] });
    await ask('unread');
    assert.equal(readState(platform, 'unread')?.state, 'NotReady');
    assert.match(readState(platform, 'unread')?.waitingFor ?? '', /ClusterUnreachable: read the log of pod/);
    platform.azure.faults.clear();
    await platform.pass(60);
    assert.equal(readState(platform, 'unread')?.state, 'Ready');
  });

  it('that is not to run shows nothing of itself', async () => {
    await ask('unmeasured', { 'kaito.sh/disable-benchmark': 'true' });
    assert.equal(readState(platform, 'unmeasured')?.state, 'Ready');
    assert.equal(conditionOf('unmeasured', 'BenchmarkCompleted'), 'absent');
    assert.equal(statusOf(platform, 'unmeasured')['performance'], undefined);
  });
});

function statusOf(platform: PlatformHarness, name: string): Record<string, unknown> {
  return record(platform.store.get(workspaces, { namespace: 'default', name })?.['status']);
}

function conditionsOf({ conditions }: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(conditions) ? conditions.map(record) : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
