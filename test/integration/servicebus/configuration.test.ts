import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  ConfigurationError,
  parseConfiguration,
  readConfiguration,
} from '../../../infra/local/servicebus/configuration/configuration.ts';
import { parseDuration } from '../../../infra/local/servicebus/configuration/duration.ts';

const withQueues = (...Queues: unknown[]) => ({ UserConfig: { Namespaces: [{ Name: 'n', Queues }] } });

function faultsOf(content: unknown): readonly string[] {
  try {
    parseConfiguration(content);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('the queue configuration', () => {
  it('takes the sample of the emulator, and fills in the defaults of Azure', () => {
    const { queues } = parseConfiguration({
      UserConfig: {
        Namespaces: [
          {
            Name: 'sbemulatorns',
            Queues: [
              {
                Name: 'queue.1',
                Properties: {
                  DeadLetteringOnMessageExpiration: true,
                  DefaultMessageTimeToLive: 'PT1H',
                  DuplicateDetectionHistoryTimeWindow: 'PT20S',
                  ForwardDeadLetteredMessagesTo: '',
                  ForwardTo: '',
                  LockDuration: 'PT1M',
                  MaxDeliveryCount: 3,
                  RequiresDuplicateDetection: true,
                  RequiresSession: true,
                },
              },
              { Name: 'defaults' },
            ],
            Topics: [],
          },
        ],
        Logging: { Type: 'File' },
      },
    });
    assert.deepEqual(queues, [
      {
        name: 'queue.1',
        lockDuration: 60_000,
        defaultMessageTimeToLive: 3_600_000,
        maxDeliveryCount: 3,
        requiresSession: true,
        duplicateDetectionWindow: 20_000,
        deadLetteringOnMessageExpiration: true,
      },
      {
        name: 'defaults',
        lockDuration: 60_000,
        defaultMessageTimeToLive: null,
        maxDeliveryCount: 10,
        requiresSession: false,
        duplicateDetectionWindow: null,
        deadLetteringOnMessageExpiration: false,
      },
    ]);
  });

  it('lists every fault at once, each with its path', () => {
    const faults = faultsOf({
      UserConfig: {
        Namespaces: [
          {
            Queues: [
              { Name: '', Properties: { LockDuration: '1 minute', MaxDeliveryCount: 0 } },
              { Name: 'ok', Properties: { LockDuration: 'PT10M', ForwardTo: 'other', Misspelt: 1 } },
            ],
            Topics: [{ Name: 't' }],
          },
        ],
      },
    });
    const queues = 'UserConfig.Namespaces[0].Queues';
    for (const start of [
      `${queues}[0].Name: `,
      `${queues}[0].Properties.LockDuration: '1 minute' is no ISO 8601 duration`,
      `${queues}[0].Properties.MaxDeliveryCount: `,
      `${queues}[1].Properties.LockDuration: PT10M is out of bounds: PT1S to PT5M`,
      `${queues}[1].Properties.ForwardTo: forwarding is not offered`,
      `${queues}[1].Properties: `,
      'UserConfig.Namespaces[0].Topics: topics are not offered',
    ]) {
      assert.ok(
        faults.some((fault) => fault.startsWith(start)),
        `${start} in\n${faults.join('\n')}`,
      );
    }
    assert.equal(faults.length, 7);
  });

  it('refuses two queues of one name, whatever their case', () => {
    assert.deepEqual(faultsOf(withQueues({ Name: 'a' }, { Name: 'A' })), [
      "UserConfig.Namespaces[0].Queues[1].Name: 'A' is there twice",
    ]);
  });

  it('warns of locks that Azure would not take', () => {
    const { warnings } = parseConfiguration(
      withQueues({ Name: 'a', Properties: { LockDuration: 'PT4S' } }, { Name: 'b' }),
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /queue a: .*PT5S/);
  });

  it("declares Slipway's own queues", () => {
    const path = join(import.meta.dirname, '../../../infra/local/servicebus/queues.json');
    const { queues, warnings } = readConfiguration(path);
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      queues.map(({ name, requiresSession }) => [name, requiresSession]),
      [
        ['workspace-created', true],
        ['workspace-deleted', true],
        ['node-provisioned', false],
        ['workload-ready', false],
        ['workspace-rejected', false],
      ],
    );
    for (const queue of queues) {
      assert.equal(queue.duplicateDetectionWindow, 600_000);
      assert.equal(queue.lockDuration, 60_000);
      assert.equal(queue.maxDeliveryCount, 10);
      assert.equal(queue.deadLetteringOnMessageExpiration, true);
    }
  });

  it('says which file cannot be read', () => {
    assert.throws(() => readConfiguration('/nowhere/queues.json'), /nowhere\/queues\.json cannot be used/);
  });

  it('reads durations in days, hours, minutes and seconds', () => {
    assert.equal(parseDuration('PT1M30S'), 90_000);
    assert.equal(parseDuration('P14D'), 14 * 86_400_000);
    assert.equal(parseDuration('P1DT2H'), 26 * 3_600_000);
    assert.equal(parseDuration('PT0.5S'), 500);
    for (const wrong of ['', 'P', 'PT', 'P1M', '60', 'PT1X', 'P1DT'])
      assert.equal(parseDuration(wrong), undefined, wrong);
  });
});
