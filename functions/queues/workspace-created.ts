import { Retryable } from '../../shared/errors/slipway-error.ts';
import { faultUnder } from '../../shared/events/fault-under.ts';
import type { Request } from '../../shared/events/event-types.ts';
import { Queue } from '../../shared/events/event-types.ts';
import { submit } from '../../shared/intake/submission.ts';
import { ensureWorkspace } from '../ensure-running.ts';
import type { Receipt, Refused } from './receive.ts';
import { receive } from './receive.ts';

receive('workspaceCreated', Queue.workspaceCreated, async (request, receipt) => {
  if (request.kind === 'reference') {
    await ensureWorkspace(receipt.client, request.reference);
    return undefined;
  }
  if (request.kind !== 'document')
    throw new TypeError(`unexpected ${request.kind} on ${Queue.workspaceCreated}`);
  return write(request, receipt);
});

/** Writes the record; the nudge that it sends comes back through this queue and starts the orchestration. */
async function write(
  { document, cluster, path }: Extract<Request, { kind: 'document' }>,
  receipt: Receipt,
): Promise<Refused | undefined> {
  const { services, message, log } = receipt;
  const result = await submit(services, {
    document,
    cluster: cluster ?? services.defaultCluster,
    mode: 'apply',
    requestedAt: message.requestedAt,
  });
  switch (result.outcome) {
    case 'invalid':
      return { reason: 'WorkspaceInvalid', refused: result.faults.map((fault) => faultUnder(path, fault)) };
    case 'terminating':
      throw new Retryable('WorkspaceTerminating', {
        message: `workspace ${result.record.metadata.name} is being deleted; its successor waits`,
        retryAfterSeconds: 15,
      });
    case 'conflict':
    case 'stale':
      throw new TypeError(`an applied workspace cannot be ${result.outcome}`);
    case 'superseded':
      log.info('request superseded', { messageId: message.messageId, because: result.message });
      return undefined;
    case 'created':
    case 'updated':
    case 'unchanged':
      log.info('request accepted', {
        messageId: message.messageId,
        outcome: result.outcome,
        uid: result.record.metadata.uid,
      });
      return undefined;
  }
}
