import type { AddressInfo, Server, Socket } from 'node:net';
import rhea from 'rhea';
import type { Connection, Container, EventContext, Sender } from 'rhea';
import type { Journal } from '../engine/journal.ts';
import type { Namespace } from '../engine/namespace.ts';
import { openForReceiver, openForSender } from './attach.ts';
import type { Link, LinkEnd } from './link-end.ts';
import { readOutcome } from './outcome.ts';
import { ReplyEnd } from './request-end.ts';
import { takeControl } from './rhea-boundary.ts';
import { offerMechanisms } from './sasl.ts';

/** How long clients get to say goodbye, in milliseconds. */
const farewell = 300;

/** The AMQP 1.0 listener: turns rhea's events into calls on the ends of links. */
export class AmqpFront {
  readonly #namespace: Namespace;
  readonly #journal: Journal;
  readonly #log: (line: string) => void;
  readonly #ends = new Map<Link, LinkEnd>();
  readonly #connections = new Set<Connection>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: { namespace: Namespace; journal: Journal; log: (line: string) => void }) {
    this.#namespace = options.namespace;
    this.#journal = options.journal;
    this.#log = options.log;
  }

  /** Listens on loopback. @returns the port, @throws Error when it is taken. */
  async listen(port: number): Promise<number> {
    const container = rhea.create_container({ id: 'slipway-servicebus' });
    offerMechanisms(container);
    this.#watch(container);
    const options = {
      host: '127.0.0.1',
      port,
      autoaccept: false,
      // Outcomes are told apart here: abandon and defer are both "modified".
      treat_modified_as_released: false,
    };
    const server = container.listen(options);
    this.#server = server;
    server.on('connection', (socket) => {
      // Nagle's algorithm would cost 40 ms on each small answer.
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', reject);
    });
    return portOf(server.address());
  }

  /** Tells clients, then closes every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of this.#connections) {
      connection.close({ condition: 'amqp:connection:forced', description: 'The broker is stopping.' });
    }
    // Clients that answer the close end their sockets themselves; a reset would look like a fault to them.
    const impatience = setTimeout(() => this.#sockets.forEach((socket) => socket.destroy()), farewell);
    await closed;
    clearTimeout(impatience);
  }

  #watch(container: Container): void {
    const on = (event: string, listener: (context: EventContext) => void) => container.on(event, listener);
    on('connection_open', ({ connection }) => this.#connections.add(connection));
    on('session_open', ({ session }) => {
      if (session !== undefined) takeControl(session);
    });
    on('sender_open', (context) => this.#attach(context));
    on('receiver_open', (context) => this.#attach(context));
    on('message', (context) => this.#receive(context));
    on('sender_flow', ({ sender }) => this.#endOf(sender)?.flowed?.());
    on('sendable', ({ sender }) => this.#endOf(sender)?.flowed?.());
    for (const outcome of ['accepted', 'rejected', 'released', 'modified'] as const) {
      on(outcome, ({ sender, delivery }) => {
        if (delivery === undefined) return;
        this.#endOf(sender)?.settled?.(delivery, readOutcome(outcome, delivery));
      });
    }
    on('sender_close', ({ sender }) => this.#close((link) => link === sender));
    on('receiver_close', ({ receiver }) => this.#close((link) => link === receiver));
    on('session_close', ({ session }) => this.#close((link) => link.session === session));
    on('connection_close', ({ connection }) => this.#closeConnection(connection));
    on('disconnected', ({ connection }) => this.#closeConnection(connection));
    for (const event of ['sender_error', 'receiver_error', 'session_error', 'connection_error']) {
      on(event, (context) => this.#log(`${event}: ${describeError(context)}`));
    }
    container.on('protocol_error', (error: Error) => this.#log(`protocol error: ${error.message}`));
    container.on('error', (error: Error) => this.#log(`error: ${error.stack ?? error.message}`));
  }

  #attach({ sender, receiver, connection }: EventContext): void {
    const site = {
      namespace: this.#namespace,
      journal: this.#journal,
      findReplyLink: (replyTo: string) => this.#findReplyLink(connection, replyTo),
    };
    const link = sender ?? receiver;
    const end =
      sender === undefined ? receiver && openForSender(receiver, site) : openForReceiver(sender, site);
    if (link !== undefined && end !== undefined) this.#ends.set(link, end);
  }

  #findReplyLink(connection: Connection, replyTo: string): Sender | undefined {
    for (const end of this.#ends.values()) {
      if (end instanceof ReplyEnd && end.link.connection === connection && end.isNamed(replyTo))
        return end.link;
    }
    return undefined;
  }

  #receive({ receiver, message, delivery }: EventContext): void {
    const bytes: unknown = message;
    if (delivery === undefined || !Buffer.isBuffer(bytes)) return;
    this.#endOf(receiver)?.received?.(bytes, delivery);
  }

  #endOf(link: Link | undefined): LinkEnd | undefined {
    return link === undefined ? undefined : this.#ends.get(link);
  }

  #closeConnection(connection: Connection): void {
    this.#connections.delete(connection);
    this.#close((link) => link.connection === connection);
  }

  #close(gone: (link: Link) => boolean): void {
    for (const [link, end] of [...this.#ends]) {
      if (!gone(link)) continue;
      this.#ends.delete(link);
      end.closed();
    }
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the broker listens on no port');
  return address.port;
}

function describeError({ sender, receiver, session, connection, error }: EventContext): string {
  const found = error ?? sender?.error ?? receiver?.error ?? session?.error ?? connection.error;
  if (found === undefined) return 'no reason given';
  return found instanceof Error ? found.message : `${found.condition ?? ''} ${found.description ?? ''}`;
}
