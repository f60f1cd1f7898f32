import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Terminal } from '../../../shared/errors/slipway-error.ts';
import type { LogEntry } from '../../../shared/telemetry/logger.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';

function capture(): { entries: LogEntry[]; logger: ReturnType<typeof createLogger> } {
  const entries: LogEntry[] = [];
  return { entries, logger: createLogger((entry) => void entries.push(entry)) };
}

describe('the log', () => {
  it('hands level, message and facts to the sink', () => {
    const { entries, logger } = capture();
    logger.info('Pool created', { pool: 'ws1', count: 2, spot: false });
    assert.deepEqual(entries, [
      { level: 'info', message: 'Pool created', fields: { pool: 'ws1', count: 2, spot: false } },
    ]);
  });

  it('has the four levels', () => {
    const { entries, logger } = capture();
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    assert.deepEqual(
      entries.map(({ level }) => level),
      ['debug', 'info', 'warn', 'error'],
    );
  });

  it('carries bound facts on every line, the line’s own winning', () => {
    const { entries, logger } = capture();
    logger.with({ workspace: 'a', turn: 1 }).with({ cluster: 'main' }).warn('Waiting', { turn: 2 });
    assert.deepEqual(entries[0]?.fields, { workspace: 'a', turn: 2, cluster: 'main' });
  });

  it('lets no secret through, in message, fields, nested fields or errors', () => {
    const { entries, logger } = capture();
    const cause = new Error('sent Authorization: Bearer topsecret1');
    logger.error('Failed with SharedAccessKey=topsecret2', {
      headers: { authorization: 'topsecret3' },
      list: ['sig ?sig=topsecret4'],
      error: new Error('x', { cause }),
    });
    assert.doesNotMatch(JSON.stringify(entries), /topsecret/);
  });

  it('tells an error by code, message, remedy and cause', () => {
    const { entries, logger } = capture();
    const error = new Terminal('Forbidden', { message: 'no', remedy: 'ask', cause: new Error('deep') });
    logger.error('Failed', { error });
    assert.deepEqual(entries[0]?.fields['error'], {
      name: 'Terminal',
      code: 'Forbidden',
      remedy: 'ask',
      message: 'no',
      cause: { name: 'Error', message: 'deep' },
    });
  });

  it('survives what JSON cannot hold: cycles, dates, functions, big and odd numbers', () => {
    const { entries, logger } = capture();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    logger.info('odd', {
      cycle,
      at: new Date(0),
      run: () => 1,
      big: 10n,
      odd: Number.NaN,
      gone: undefined,
      nothing: null,
    });
    const fields = entries[0]?.fields ?? {};
    assert.doesNotThrow(() => JSON.stringify(fields));
    assert.equal(fields['at'], '1970-01-01T00:00:00.000Z');
    assert.equal(fields['big'], '10');
    assert.equal(fields['odd'], 'NaN');
    assert.equal(fields['nothing'], null);
    assert.ok(!('gone' in fields));
  });

  it('cuts texts that nobody can read', () => {
    const { entries, logger } = capture();
    logger.info('long', { text: 'x'.repeat(100_000) });
    assert.ok(JSON.stringify(entries).length < 5000);
  });
});
