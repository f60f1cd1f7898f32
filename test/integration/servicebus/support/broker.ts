import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ServiceBusClient } from '@azure/service-bus';
import { type Broker, startBroker } from '../../../../infra/local/servicebus/broker.ts';

/** Lock duration of the test queues, in milliseconds: the shortest the broker takes. */
export const lockDuration = 1000;

const common = { LockDuration: 'PT1S', MaxDeliveryCount: 3 };

/** The four queues the cases need: without and with sessions, with duplicate detection, with expiry to dead letters. */
export const testQueues = {
  UserConfig: {
    Namespaces: [
      {
        Queues: [
          { Name: 'plain', Properties: common },
          { Name: 'session', Properties: { ...common, RequiresSession: true } },
          {
            Name: 'dedup',
            Properties: {
              ...common,
              RequiresDuplicateDetection: true,
              DuplicateDetectionHistoryTimeWindow: 'PT1S',
            },
          },
          { Name: 'remembers', Properties: { ...common, RequiresDuplicateDetection: true } },
          { Name: 'ttl', Properties: { ...common, DeadLetteringOnMessageExpiration: true } },
          { Name: 'short-lived', Properties: { ...common, DefaultMessageTimeToLive: 'PT1S' } },
        ],
      },
    ],
  },
};

/** Places of the queues in `queueDepths()`. */
export const places = { plain: 0, session: 1, dedup: 2, remembers: 3, ttl: 4, shortLived: 5 } as const;

export interface Bench {
  broker: Broker;
  client: ServiceBusClient;
  /** A further client with a connection of its own. */
  connect: () => ServiceBusClient;
  /** Stops the broker and starts it again on the same port and folder. */
  restart: () => Promise<void>;
}

/** A broker with empty test queues and a client, both gone after the test. */
export async function openBench(context: TestContext): Promise<Bench> {
  const dataDirectory = temporaryFolder(context);
  let broker = await startBroker({ config: testQueues, port: 0, dataDirectory });
  const clients: ServiceBusClient[] = [];
  const connect = () => {
    const client = new ServiceBusClient(broker.connectionString, {
      retryOptions: { timeoutInMs: 5000, maxRetries: 2, retryDelayInMs: 50 },
    });
    clients.push(client);
    return client;
  };
  context.after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await broker.stop();
  });
  return {
    get broker() {
      return broker;
    },
    client: connect(),
    connect,
    restart: async () => {
      const { port } = broker;
      await broker.stop();
      broker = await startBroker({ config: testQueues, port, dataDirectory });
    },
  };
}

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'servicebus-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
