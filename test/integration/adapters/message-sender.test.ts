import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startBroker } from '../../../infra/local/servicebus/broker.ts';
import { connectServiceBus } from '../../../shared/azure/service-bus-client.ts';
import { createMessageSender } from '../../../shared/azure/message-sender.ts';
import { createCredential } from '../../../shared/azure/credential.ts';
import { temporaryFolder, testQueues } from '../servicebus/support/broker.ts';

it('shows the same messages however often a queue is peeked', async (context) => {
  const broker = await startBroker({
    config: testQueues,
    port: 0,
    dataDirectory: temporaryFolder(context),
  });
  context.after(() => broker.stop());
  const sender = createMessageSender(
    { kind: 'connectionString', connectionString: broker.connectionString },
    async (settings) => {
      const client = await connectServiceBus(settings, () =>
        createCredential({ kind: 'default', armEndpoint: 'https://127.0.0.1' }),
      );
      context.after(() => client.close());
      return client;
    },
  );
  const peeked = async (): Promise<string[]> =>
    (await sender.peek('plain', 50)).map(({ messageId }) => messageId);

  assert.deepEqual(await peeked(), []);
  const message = { queue: 'plain', body: '{}', contentType: 'application/json', applicationProperties: {} };
  await sender.send([
    { ...message, messageId: 'one' },
    { ...message, messageId: 'two' },
  ]);
  assert.deepEqual(await peeked(), ['one', 'two']);
  assert.deepEqual(await peeked(), ['one', 'two']);
  await sender.send([{ ...message, messageId: 'three' }]);
  assert.deepEqual(await peeked(), ['one', 'two', 'three']);
});
