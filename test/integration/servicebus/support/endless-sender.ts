/**
 * A program of its own that sends to whichever broker its parent names last, four sends in flight, and reports each
 * attempt and each acknowledgement. A process, because clients whose broker was killed linger for a minute.
 */
import { ServiceBusClient } from '@azure/service-bus';

export type SenderReport = { kind: 'tried' | 'acknowledged'; id: string };

const lanes = 4;
let round = 0;

function report(kind: SenderReport['kind'], id: string): void {
  process.send?.({ kind, id } satisfies SenderReport);
}

async function sendUntilItFails(client: ServiceBusClient, name: string): Promise<void> {
  const sender = client.createSender('plain');
  for (let index = 0; ; index += 1) {
    const id = `${name}-${index}`;
    report('tried', id);
    try {
      await sender.sendMessages({ body: id });
    } catch {
      return; // The kill came first: nobody can know whether this one is in.
    }
    report('acknowledged', id);
  }
}

process.on('message', (connectionString) => {
  round += 1;
  const client = new ServiceBusClient(String(connectionString), {
    retryOptions: { timeoutInMs: 2000, maxRetries: 0 },
  });
  for (let lane = 0; lane < lanes; lane += 1) void sendUntilItFails(client, `${round}-${lane}`);
});
process.on('disconnect', () => process.exit(0));
