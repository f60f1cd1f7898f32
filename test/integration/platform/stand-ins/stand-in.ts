import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

/** The options that a stand-in for a platform process understands; each real one takes a part of them. */
const options = {
  config: { type: 'string' },
  port: { type: 'string' },
  'arm-port': { type: 'string' },
  data: { type: 'string' },
  cluster: { type: 'string' },
  timings: { type: 'string' },
  clock: { type: 'string' },
  app: { type: 'string' },
  faults: { type: 'string' },
  'operation-lock': { type: 'string' },
} as const;

/**
 * A process that serves, on the port it was given, its own arguments and environment as JSON, and announces itself
 * with `ready(port)`. It ends on SIGTERM, as the real ones do.
 */
export function standIn(ready: (port: number) => Record<string, unknown>): void {
  const { values } = parseArgs({ options });
  const server = createServer((_request, response) => {
    response.setHeader('connection', 'close');
    response.end(JSON.stringify({ arguments: values, environment: process.env }));
  });
  server.listen(Number(values.port ?? values['arm-port']), '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
    console.log('starting');
    console.log(JSON.stringify({ ready: true, ...ready(address.port) }));
  });
  process.on('SIGTERM', () => {
    console.log('stopping');
    process.exit(0);
  });
}
