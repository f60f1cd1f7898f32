import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock/clock.ts';
import type { LoopbackCertificates } from '../platform/certificates.ts';

/** A TLS server on 127.0.0.1. */
export interface TlsListener {
  /** `https://127.0.0.1:<port>` */
  url: string;
  /** Requests whose answer has not begun; open watches do not count. */
  inFlight(): number;
  /** Breaks open connections and refuses new ones until `resume`. */
  suspend(): void;
  resume(): void;
  /** Stops listening and breaks what is open. */
  close(): Promise<void>;
}

/** Clients that keep connections must outlive the pauses between their polls. */
const keepAliveMilliseconds = 120_000;

/** Starts listening; `port` 0 takes a free one. A handler that throws answers 500 with its message: a bug must be seen. */
export async function listenTls(
  certificates: LoopbackCertificates,
  port: number,
  clock: Clock,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<TlsListener> {
  let suspended = false;
  const open = new Set<{ headersSent: boolean }>();
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer({ key: certificates.key, cert: certificates.cert }, (request, response) => {
    open.add(response);
    // Clients tell request times by the server's clock, and this one is virtual.
    response.setHeader('Date', new Date(clock.now()).toUTCString());
    response.once('close', () => open.delete(response));
    void carryOut(handle, request, response);
  });
  server.keepAliveTimeout = keepAliveMilliseconds;
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    if (suspended) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the TLS server has no port');
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${address.port}`,
    inFlight: () => [...open].filter(({ headersSent }) => !headersSent).length,
    suspend: () => {
      suspended = true;
      breakAll();
    },
    resume: () => {
      suspended = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
        breakAll();
      }),
  };
}

async function carryOut(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await handle(request, response);
  } catch (error) {
    if (request.socket.destroyed) return;
    console.error(error);
    if (!response.headersSent) response.statusCode = 500;
    response.end(JSON.stringify({ error: { code: 'SimulatorFault', message: String(error) } }));
  }
}
