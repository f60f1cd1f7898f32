import type { PeekedMessage } from '../../shared/azure/message-sender.ts';
import { Queue } from '../../shared/events/event-types.ts';
import { queryNumber } from './query.ts';
import { route } from './route.ts';

const usualLimit = 50;
const largestLimit = 100;

route({
  name: 'listRejected',
  method: 'GET',
  route: 'rejected',
  async handle(request, services) {
    const limit = queryNumber(request, 'limit', { usual: usualLimit, largest: largestLimit });
    const messages = await services.messages.peek(Queue.workspaceRejected, limit);
    return { jsonBody: { items: messages.map(toItem) } };
  },
});

function toItem({ messageId, enqueuedTime, body, applicationProperties }: PeekedMessage): object {
  const text = (name: string): string => {
    const value = applicationProperties[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    messageId: text('originalMessageId') === '' ? messageId : text('originalMessageId'),
    enqueuedTime,
    queue: text('queue'),
    reason: text('reason'),
    description: text('description'),
    body: parsedBody(body),
  };
}

/** The SDK gives bytes or, where the sender's content type made it guess, something parsed already. */
function parsedBody(body: unknown): unknown {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Text that is no JSON is shown as it came.
    return text;
  }
}
