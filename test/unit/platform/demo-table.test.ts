import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createScreen } from '../../../infra/local/platform/demo/screen.ts';
import type { Output } from '../../../infra/local/platform/demo/screen.ts';
import { age, workspaceTable } from '../../../infra/local/platform/demo/table.ts';
import { failureOf, isReady, workspaceSchema } from '../../../infra/local/platform/demo/workspace-view.ts';

const start = Date.UTC(2026, 0, 1);

function workspace(status: Record<string, unknown>): ReturnType<typeof workspaceSchema.parse> {
  return workspaceSchema.parse({
    metadata: { name: 'w', creationTimestamp: '2026-01-01T00:00:00Z' },
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    status,
  });
}

const condition = (type: string, value: string): Record<string, string> => ({
  type,
  status: value,
  reason: 'Because',
  message: 'told',
});

describe('the table of the demo', () => {
  it('shows the columns of the quick start, and what a workspace waits for and how long', () => {
    const waiting = workspace({
      state: 'Pending',
      conditions: [condition('ResourceReady', 'True'), condition('InferenceReady', 'False')],
      slipway: {
        phase: 'Deploying',
        waitingFor: { what: 'the model to load', since: '2026-01-01T00:05:00Z' },
      },
    });
    assert.deepEqual(workspaceTable([waiting], start + 400_000), [
      'NAME  INSTANCE                  RESOURCEREADY  INFERENCEREADY  WORKSPACEREADY  STATE    AGE',
      'w     Standard_NC24ads_A100_v4  True           False                           Pending  6m40s',
      '  w: Deploying: the model to load (1m40s)',
    ]);
  });

  it('shows a workspace that nobody has looked at yet', () => {
    const fresh = workspaceSchema.parse({
      metadata: { name: 'w', creationTimestamp: '2026-01-01T00:00:00Z' },
      resource: {},
    });
    assert.deepEqual(workspaceTable([fresh], start).at(-1), '  w: Pending');
    assert.equal(isReady(fresh), false);
  });

  it('takes WORKSPACEREADY from the condition WorkspaceSucceeded', () => {
    const ready = workspace({ state: 'Ready', conditions: [condition('WorkspaceSucceeded', 'True')] });
    assert.equal(isReady(ready), true);
    assert.match(workspaceTable([ready], start)[1] ?? '', /True\s+Ready\s+0s$/);
  });

  it('tells why a workspace failed and what to do', () => {
    const failure = { code: 'QuotaExceeded', message: 'needed 24 vCPUs, 0 free', remedy: 'Ask for 24.' };
    const failed = workspace({ state: 'Failed', slipway: { phase: 'Failed', failure } });
    assert.equal(
      failureOf(failed),
      'w failed: QuotaExceeded: needed 24 vCPUs, 0 free\nWhat to do: Ask for 24.',
    );
    assert.equal(failureOf(workspace({ slipway: { phase: 'Ready' } })), undefined);
  });

  it('writes ages as kubectl does', () => {
    const seconds = [0, 59, 60, 100, 3_600, 3_660, 86_400, 90_000];
    assert.deepEqual(
      seconds.map((each) => age(each * 1000)),
      ['0s', '59s', '1m', '1m40s', '1h', '1h1m', '1d', '1d1h'],
    );
    assert.equal(age(-5), '0s');
  });
});

/** A terminal of 80 columns, or a pipe. */
function output(isTTY: boolean): { stream: Output; written: () => string } {
  let text = '';
  const stream = { isTTY, columns: 80, write: (more: string) => (text += more) };
  return {
    stream,
    written: () => {
      const read = text;
      text = '';
      return read;
    },
  };
}

describe('the screen of the demo', () => {
  it('without a terminal prints a line only when something other than an age changed', () => {
    const { stream, written } = output(false);
    const screen = createScreen(stream);
    screen.show(['NAME  STATE    AGE', 'w     Pending  5s', '  w: Deploying: image (2s)']);
    screen.show(['NAME  STATE    AGE', 'w     Pending  1m6s', '  w: Deploying: image (1m3s)']);
    screen.show(['NAME  STATE    AGE', 'w     Ready    1m7s', '  w: Deploying: image (1m3s)']);
    assert.deepEqual(written().trimEnd().split('\n'), [
      'NAME  STATE    AGE',
      'w     Pending  5s',
      '  w: Deploying: image (2s)',
      'w     Ready    1m7s',
    ]);
  });

  it('on a terminal redraws in place and keeps printed lines above', () => {
    const { stream, written } = output(true);
    const screen = createScreen(stream);
    screen.show(['one', 'x'.repeat(200)]);
    screen.print('an event');
    const [first, second] = written().split('\u001b[2A\u001b[0J');
    assert.equal(first, `one\n${'x'.repeat(79)}\n`);
    assert.equal(second, `an event\none\n${'x'.repeat(79)}\n`);
    screen.settle();
    screen.print('below');
    assert.equal(written(), 'below\n');
  });
});
