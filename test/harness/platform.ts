/**
 * The whole platform in one process: broker, Azure simulator and Functions host with the built app, on a clock that the test moves.
 * One per test file: the app composes its clients once per process.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusMessage } from '@azure/service-bus';
import type { AzureSimulator } from '../../infra/local/azure/simulator.ts';
import { startAzureSimulator } from '../../infra/local/azure/simulator.ts';
import { SteppedClock } from '../../infra/local/clock/stepped-clock.ts';
import { startDurableEngine } from '../../infra/local/durable/engine.ts';
import type { DurableEngine, DurableEngineOptions } from '../../infra/local/functions/contract.ts';
import type { FunctionsHost } from '../../infra/local/functions/host.ts';
import { startFunctionsHost } from '../../infra/local/functions/host.ts';
import { ensureBuilt } from '../../infra/local/platform/app-build.ts';
import type { Broker } from '../../infra/local/servicebus/broker.ts';
import { startBroker } from '../../infra/local/servicebus/broker.ts';
import type { NamespaceArrival } from '../../infra/local/servicebus/engine/namespace.ts';
import { WatchStream } from './watch-stream.ts';

export interface HarnessOptions {
  operationLock?: 'pool' | 'cluster';
  /** Settings of the app beside those that the platform needs. */
  settings?: Record<string, string>;
  /** Where nodes come from: fields of the cluster's entry in SLIPWAY_CLUSTERS. Karpenter runs where it is asked for. */
  provisioner?: { provisioner: 'karpenter' | 'byo'; karpenterObjects?: 'NodePool' | 'NodeClaim' };
  /** Trigger types that stay off, such as `timerTrigger`. */
  disabledTriggers?: string[];
  /** Decides what becomes of messages that are sent. */
  arriving?: NamespaceArrival;
  /** Makes the Durable engine, for tests that stand between it and the host. */
  durable?: (options: DurableEngineOptions) => DurableEngine;
}

/** Steps a test may take before something is declared stuck. */
const mostSteps = 4000;
/** Real milliseconds a single moment of virtual time may take. */
const longestMoment = 60_000;
/** People read it; the app only puts into it. */
const unreadQueue = 'workspace-rejected';
const queuesFile = new URL('../../infra/local/servicebus/queues.json', import.meta.url);

export class PlatformHarness {
  readonly clock = new SteppedClock(Date.UTC(2026, 10, 1));
  readonly #directory: string;
  readonly #options: HarnessOptions;
  readonly logLines: string[] = [];
  #broker!: Broker;
  #azure!: AzureSimulator;
  #host!: FunctionsHost;
  #messages!: ServiceBusClient;
  #app = '';
  #openStreams = 0;

  private constructor(directory: string, options: HarnessOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  static async start(options: HarnessOptions = {}): Promise<PlatformHarness> {
    const harness = new PlatformHarness(await mkdtemp(join(tmpdir(), 'slipway-test-')), options);
    await harness.#start();
    return harness;
  }

  get azure(): AzureSimulator {
    return this.#azure;
  }

  get broker(): Broker {
    return this.#broker;
  }

  get host(): FunctionsHost {
    return this.#host;
  }

  /** The in-process view of the one cluster's objects. */
  get store(): AzureSimulator['clusters'][number]['api']['store'] {
    return this.cluster.api.store;
  }

  get cluster(): AzureSimulator['clusters'][number] {
    const [cluster] = this.#azure.clusters;
    if (cluster === undefined) throw new Error('the simulator has no cluster');
    return cluster;
  }

  /** A request to the app's HTTP API; `path` begins after `/api`. */
  async request(method: string, path: string, body?: unknown, type = 'application/json'): Promise<ApiAnswer> {
    const response = await fetch(`${this.#host.url}/api${path}`, {
      method,
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': type },
          }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  /** A watch of the app's HTTP API, open on return. Time moves while it is open. */
  async watch(path: string): Promise<WatchStream> {
    const stream = await WatchStream.open(`${this.#host.url}/api${path}`);
    this.#openStreams += 1;
    void stream.ended.finally(() => (this.#openStreams -= 1));
    return stream;
  }

  /** Sends to a queue as a user would: JSON unless it is text already. */
  async send(queue: string, body: unknown, properties: Partial<ServiceBusMessage> = {}): Promise<void> {
    const sender = this.#messages.createSender(queue);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    await sender.sendMessages({ body: Buffer.from(text), ...properties });
    await sender.close();
  }

  /** Lets everything that is due now happen: no message, no invocation, no request is left before time moves. */
  async quiet(): Promise<void> {
    const deadline = Date.now() + longestMoment;
    for (let calm = 0; calm < 4; calm += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      // A request that Azure holds keeps its activity busy until time moves: nothing else will end it.
      if (!this.#idle() && this.#azure.heldRequests() === 0) calm = -1;
      if (Date.now() > deadline) throw new Error(`not quiet after ${longestMoment} ms\n${this.tail()}`);
    }
  }

  /** Moves time to the next thing due, again and again, until `condition` holds. */
  async until(what: string, condition: () => boolean | Promise<boolean>, steps = mostSteps): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await this.quiet();
      if (await condition()) return;
      if (!this.clock.step())
        throw new Error(`nothing is due any more, and still not: ${what}\n${this.tail()}`);
    }
    throw new Error(`after ${steps} steps still not: ${what}\n${this.tail()}`);
  }

  /** Lets `seconds` of virtual time pass, doing all that falls due in them. */
  async pass(seconds: number): Promise<void> {
    const end = this.clock.now() + seconds * 1000;
    for (;;) {
      await this.quiet();
      const next = this.clock.nextDue();
      if (next === undefined || next > end) break;
      this.clock.step();
    }
    this.clock.advanceTo(end);
    await this.quiet();
  }

  /** Waits, in real time, until no message is scheduled for later any more: the broker keeps real time. */
  async allDelivered(): Promise<void> {
    const deadline = Date.now() + longestMoment;
    while (this.#broker.queueDepths().some(({ scheduled }) => scheduled > 0)) {
      if (Date.now() > deadline) throw new Error(`messages are still scheduled\n${this.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.quiet();
  }

  /** Ends the Functions host and starts it on the same data; `forget` empties the task hub in between, `appDirectory` changes the code. */
  async restartHost({
    forget = false,
    grace = 0,
    appDirectory = this.#app,
  }: { forget?: boolean; grace?: number; appDirectory?: string } = {}): Promise<void> {
    await this.#host.stop(grace);
    this.#app = appDirectory;
    if (forget) await rm(join(this.#directory, 'functions'), { recursive: true, force: true });
    await this.#startHost();
  }

  async stop(): Promise<void> {
    await this.#messages.close();
    await this.#host.stop(2000);
    await this.#broker.stop();
    await this.#azure.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }

  /** The end of the app's log, for messages of failed waits. */
  tail(): string {
    return this.logLines.slice(-25).join('\n');
  }

  #idle(): boolean {
    const depths = this.#broker.queueDepths();
    return (
      this.#host.idle(this.#openStreams) &&
      this.#azure.idle() &&
      depths.every(({ queue, active, locked }) => queue === unreadQueue || (active === 0 && locked === 0))
    );
  }

  async #start(): Promise<void> {
    this.#app = await ensureBuilt(() => undefined);
    this.#broker = await startBroker({
      config: queuesFile.pathname,
      port: 0,
      dataDirectory: join(this.#directory, 'servicebus'),
      arriving: this.#options.arriving,
    });
    this.#messages = new ServiceBusClient(this.#broker.connectionString);
    this.#azure = await startAzureSimulator({
      clock: this.clock,
      dataDirectory: join(this.#directory, 'azure'),
      arm: { port: 0 },
      clusters: [
        {
          name: 'demo',
          port: 0,
          ...(this.#options.operationLock === undefined
            ? {}
            : { operationLock: this.#options.operationLock }),
          nodeProvisioning: nodeProvisioning(this.#options),
        },
      ],
      subscriptionId: '11111111-2222-3333-4444-555555555555',
      resourceGroup: 'slipway',
    });
    tls.setDefaultCACertificates([...tls.getCACertificates(), await readFile(this.#azure.caFile, 'utf8')]);
    await this.#startHost();
  }

  async #startHost(): Promise<void> {
    this.#host = await startFunctionsHost({
      appDirectory: this.#app,
      port: 0,
      clock: this.clock,
      dataDirectory: join(this.#directory, 'functions'),
      durable: this.#options.durable ?? startDurableEngine,
      disabledTriggers: this.#options.disabledTriggers,
      log: (line) => this.logLines.push(line),
      settings: {
        ServiceBusConnection: this.#broker.connectionString,
        SLIPWAY_CLUSTERS: JSON.stringify([
          {
            name: 'demo',
            resourceId: this.cluster.resourceId,
            default: true,
            ...this.#options.provisioner,
          },
        ]),
        SLIPWAY_ARM_ENDPOINT: this.#azure.armUrl,
        SLIPWAY_PRICES_ENDPOINT: this.#azure.pricesUrl,
        SLIPWAY_CREDENTIAL: 'development',
        SLIPWAY_OWNER: 'test',
        ...this.#options.settings,
      },
    });
  }
}

function nodeProvisioning({ provisioner }: HarnessOptions): 'Manual' | 'Auto' | 'NodeClaims' {
  if (provisioner?.provisioner !== 'karpenter') return 'Manual';
  return provisioner.karpenterObjects === 'NodeClaim' ? 'NodeClaims' : 'Auto';
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every answer is JSON; `text` has it.
    return undefined;
  }
}
