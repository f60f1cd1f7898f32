import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { BodyTooLargeError, answer, toExchange } from './exchange.ts';
import type { Exchange } from './exchange.ts';

export type Serve = (exchange: Exchange) => Promise<void>;

/** A loopback HTTP server whose requests wait until {@link serveWith} says who serves them. */
export class LoopbackServer {
  readonly port: number;
  readonly #server: Server;
  readonly #ready: (serve: Serve) => void;

  private constructor(server: Server, port: number, ready: (serve: Serve) => void) {
    this.#server = server;
    this.port = port;
    this.#ready = ready;
  }

  /** Binds 127.0.0.1; port 0 takes a free one. Rejects when the port is taken. */
  static async listen(port: number, onError: (error: unknown) => void): Promise<LoopbackServer> {
    const { promise, resolve } = Promise.withResolvers<Serve>();
    const server = createServer((request, response) => {
      const exchange = toExchange(request, response);
      promise
        .then((serve) => serve(exchange))
        .catch((error: unknown) => {
          const tooLarge = error instanceof BodyTooLargeError;
          // A caller that went away mid-request is no fault of ours.
          if (!tooLarge && !request.destroyed) onError(error);
          if (response.headersSent) response.destroy();
          else answer(response, tooLarge ? 413 : 500);
        });
    });
    // A watching client may hold its connection for minutes without a byte from it.
    server.requestTimeout = 0;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the HTTP server has no port');
    return new LoopbackServer(server, address.port, resolve);
  }

  serveWith(serve: Serve): void {
    this.#ready(serve);
  }

  /** Takes no new connection and drops idle ones; requests being served go on. */
  refuseNew(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Ends whatever is still open. */
  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.refuseNew();
    this.#server.closeAllConnections();
    await closed;
  }
}
