import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SteppedClock } from '../../../../infra/local/clock/stepped-clock.ts';
import { startDurableEngine } from '../../../../infra/local/durable/engine.ts';
import type {
  DurableEngine,
  DurableHttpResponse,
  FunctionInvoker,
} from '../../../../infra/local/functions/contract.ts';
import { invoker as registeredFunctions } from './functions-core.ts';

interface RigOptions {
  file?: string;
  clock?: SteppedClock;
  invoker?: FunctionInvoker;
  maxConcurrentActivities?: number;
  maxConcurrentOrchestrations?: number;
}

export interface Status {
  name: string;
  instanceId: string;
  runtimeStatus: string;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  createdTime: string;
  lastUpdatedTime: string;
  historyEvents?: Record<string, unknown>[];
}

/** Real time a test may wait for work to end before it is called stuck. */
const ceilingMilliseconds = 30_000;

/** An engine on a stepped clock with the calls tests make. */
export class Rig {
  readonly clock: SteppedClock;
  readonly engine: DurableEngine;
  readonly log: string[] = [];

  constructor(options: RigOptions = {}) {
    this.clock = options.clock ?? new SteppedClock();
    this.engine = startDurableEngine({
      file: options.file ?? ':memory:',
      hubName: 'TestHub',
      clock: this.clock,
      invoker: options.invoker ?? registeredFunctions,
      maxConcurrentActivities: options.maxConcurrentActivities ?? 10,
      maxConcurrentOrchestrations: options.maxConcurrentOrchestrations ?? 10,
      log: (level, message) => void this.log.push(`${level} ${message}`),
    });
  }

  static started(options: RigOptions = {}): Rig {
    const rig = new Rig(options);
    rig.engine.start();
    return rig;
  }

  call(
    method: string,
    pathAndQuery: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<DurableHttpResponse> {
    return callEngine(this.engine, { method, pathAndQuery, body, headers });
  }

  /** Starts an orchestration and returns its id. */
  async start(name: string, input?: unknown, id?: string): Promise<string> {
    const response = await this.call(
      'POST',
      `orchestrators/${name}${id === undefined ? '' : `/${id}`}`,
      input,
    );
    assert.equal(response.status, 202, response.body);
    const answer = parse(response.body);
    assert.equal(typeof answer['id'], 'string');
    return String(answer['id']);
  }

  async status(id: string, query = ''): Promise<Status> {
    const response = await this.call('GET', `instances/${encodeURIComponent(id)}?${query}`);
    assert.ok(response.status === 200 || response.status === 202, `${response.status} ${response.body}`);
    return parseStatus(response.body);
  }

  /** Waits until the engine is idle: whatever is left waits for the clock or for an event. */
  async idle(): Promise<void> {
    const deadline = Date.now() + ceilingMilliseconds;
    while (!this.engine.idle()) {
      assert.ok(Date.now() < deadline, `the engine stays busy\n${this.log.join('\n')}`);
      await nextTurn();
    }
  }

  /** Steps the clock from one due time to the next until the instance ends, or nothing is left to wait for. */
  async finish(id: string): Promise<Status> {
    for (;;) {
      await this.idle();
      const status = await this.status(id);
      if (!['Pending', 'Running', 'Suspended'].includes(status.runtimeStatus)) return status;
      if (!this.clock.step())
        assert.fail(`'${id}' waits for ever: ${JSON.stringify(status)}\n${this.log.join('\n')}`);
    }
  }

  /** Starts, runs to the end and returns the final status. */
  async run(name: string, input?: unknown): Promise<Status> {
    return this.finish(await this.start(name, input));
  }

  async raise(id: string, event: string, data?: unknown): Promise<void> {
    const response = await this.call('POST', `instances/${id}/raiseEvent/${event}`, data);
    assert.equal(response.status, 202, response.body);
  }
}

interface EngineCall {
  method: string;
  pathAndQuery: string;
  /** Sent as JSON; absent: an empty body. */
  body?: unknown;
  headers?: Record<string, string> | undefined;
}

/** One request to the engine's HTTP surface. */
export function callEngine(engine: DurableEngine, call: EngineCall): Promise<DurableHttpResponse> {
  const [path = '', query = ''] = call.pathAndQuery.split('?');
  return engine.handle({
    method: call.method,
    path,
    query: new URLSearchParams(query),
    headers: call.headers ?? {},
    body: new TextEncoder().encode(call.body === undefined ? '' : JSON.stringify(call.body)),
    origin: 'http://localhost:7071',
  });
}

export function parse(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  assert.ok(isRecord(value), text);
  return value;
}

/** A JSON array of objects. */
export function parseList(text: string): Record<string, unknown>[] {
  const value: unknown = JSON.parse(text);
  assert.ok(Array.isArray(value), text);
  const records: unknown[] = value;
  assert.ok(records.every(isRecord), text);
  return records;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function parseStatus(text: string): Status {
  const { name, instanceId, runtimeStatus, createdTime, lastUpdatedTime, historyEvents, ...rest } =
    parse(text);
  const { input, customStatus, output } = rest;
  const texts = { name, instanceId, runtimeStatus, createdTime, lastUpdatedTime };
  for (const [field, value] of Object.entries(texts)) assert.equal(typeof value, 'string', field);
  return {
    name: String(name),
    instanceId: String(instanceId),
    runtimeStatus: String(runtimeStatus),
    createdTime: String(createdTime),
    lastUpdatedTime: String(lastUpdatedTime),
    input,
    customStatus,
    output,
    ...(Array.isArray(historyEvents) ? { historyEvents: historyEvents.filter(isRecord) } : {}),
  };
}
