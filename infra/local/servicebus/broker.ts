import { resolve } from 'node:path';
import { AmqpFront } from './amqp/front.ts';
import { type Configuration, parseConfiguration, readConfiguration } from './configuration/configuration.ts';
import { Namespace, type NamespaceArrival, type QueueDepth } from './engine/namespace.ts';
import { SqliteJournal } from './store/sqlite-journal.ts';

export interface BrokerOptions {
  /** Path of a configuration file in the shape of Microsoft's emulator, or its content. */
  config: string | object;
  /** 0 takes any free port. */
  port: number;
  /** Folder for the broker's file; one broker at a time. */
  dataDirectory: string;
  log?: (line: string) => void;
  /** How long to wait for a predecessor to let go of the folder, in milliseconds; 5 s unless told. */
  patience?: number;
  /** For tests that lose, double or delay messages: decides what becomes of each that is sent. */
  arriving?: NamespaceArrival | undefined;
}

export interface Broker {
  port: number;
  /** For `new ServiceBusClient(...)`. */
  connectionString: string;
  queueDepths(): QueueDepth[];
  /** True when no message of a main queue is ready for delivery now: all are locked, deferred, scheduled or gone. */
  idle(): boolean;
  stop(): Promise<void>;
}

/**
 * Starts a Service Bus broker on loopback for unmodified `@azure/service-bus` clients.
 * @throws ConfigurationError, or Error when the port or the folder is taken.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const log = options.log ?? (() => undefined);
  const { queues, warnings } = configurationOf(options.config);
  for (const warning of warnings) log(`warning: ${warning}`);
  const journal = new SqliteJournal(resolve(options.dataDirectory), options.patience ?? 5000);
  const namespace = new Namespace(queues, journal, options.arriving);
  const front = new AmqpFront({ namespace, journal, log });
  const stopStore = () => {
    namespace.stop();
    journal.close();
  };
  let port: number;
  try {
    port = await front.listen(options.port);
  } catch (error) {
    stopStore();
    throw error;
  }
  return {
    port,
    connectionString: connectionStringFor(port),
    queueDepths: () => namespace.depths(),
    idle: () => namespace.depths().every(({ active }) => active === 0),
    stop: async () => {
      await front.stop();
      stopStore();
    },
  };
}

function configurationOf(config: string | object): Configuration {
  return typeof config === 'string' ? readConfiguration(config) : parseConfiguration(config);
}

/** The emulator flag makes the SDKs use plain TCP; the key is never checked. */
function connectionStringFor(port: number): string {
  return (
    `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
    'SharedAccessKey=development;UseDevelopmentEmulator=true'
  );
}
