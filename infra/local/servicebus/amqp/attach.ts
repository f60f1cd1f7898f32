import type { Receiver, Sender } from 'rhea';
import { QueueFault } from '../engine/faults.ts';
import type { Journal } from '../engine/journal.ts';
import type { Namespace } from '../engine/namespace.ts';
import type { MessageQueue } from '../engine/queue.ts';
import { type Address, parseAddress } from './address.ts';
import { toWireError } from './conditions.ts';
import type { Link, LinkEnd } from './link-end.ts';
import { manage } from './management.ts';
import { ReceivingEnd } from './receiving-end.ts';
import { ReplyEnd, RequestEnd } from './request-end.ts';
import { SendingEnd } from './sending-end.ts';
import { SessionEnd, wantedSession } from './session-attach.ts';
import { acceptToken } from './tokens.ts';

/** What a new link can be connected to. */
export interface Site {
  namespace: Namespace;
  journal: Journal;
  /** The reply link of the same connection that a request names. */
  findReplyLink: (replyTo: string) => Sender | undefined;
}

/** A client wants to send. Answers nothing when the link was refused. */
export function openForSender(link: Receiver, site: Site): LinkEnd | undefined {
  return orRefuse(link, () => {
    const address = parseAddress(terminusAddress(link.target) ?? '');
    if (address.kind === 'tokens')
      return new RequestEnd(link, {
        ...site,
        answer: (request) => acceptToken(request, site.namespace),
      });
    const [queue, related] = findQueues(address, site.namespace);
    if (address.kind === 'management') {
      return new RequestEnd(link, { ...site, answer: (request) => manage(request, { queue, related }) });
    }
    if (queue.isDeadLetterQueue) {
      throw new QueueFault('notAllowed', 'Messages cannot be sent to a dead-letter queue.');
    }
    return new SendingEnd(link, queue, site.journal);
  });
}

/** A client wants to receive. Answers nothing when the link was refused. */
export function openForReceiver(link: Sender, site: Site): LinkEnd | undefined {
  return orRefuse(link, () => {
    const address = parseAddress(terminusAddress(link.source) ?? '');
    if (address.kind === 'tokens') return new ReplyEnd(link);
    const [queue] = findQueues(address, site.namespace);
    if (address.kind === 'management') return new ReplyEnd(link);
    return openForQueue(link, queue, site.journal);
  });
}

function openForQueue(link: Sender, queue: MessageQueue, journal: Journal): LinkEnd {
  const sessionId = wantedSession(link);
  if (sessionId === undefined) {
    if (queue.rules.requiresSession) {
      throw new QueueFault(
        'notAllowed',
        'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
      );
    }
    return new ReceivingEnd(link, { queue, journal, hold: null });
  }
  if (!queue.rules.requiresSession) {
    throw new QueueFault(
      'notAllowed',
      'A sessionful message receiver cannot be created on an entity that does not require sessions.',
    );
  }
  const end = new SessionEnd(link, { queue, journal, refuse: (fault) => refuse(link, fault) });
  end.accept(sessionId);
  return end;
}

/** The queue an address means, and its counterpart (dead-letter queue or main queue). */
function findQueues(
  address: Exclude<Address, { kind: 'tokens' }>,
  namespace: Namespace,
): [MessageQueue, MessageQueue] {
  const { main, deadLetters } = namespace.find(address.queue);
  return address.isDeadLetters ? [deadLetters, main] : [main, deadLetters];
}

function orRefuse(link: Link, open: () => LinkEnd): LinkEnd | undefined {
  echoTermini(link);
  try {
    return open();
  } catch (error) {
    refuse(link, error);
    return undefined;
  }
}

/** The attach is answered with what was asked for; a session receiver's source gets the granted session later. */
function echoTermini(link: Link): void {
  const [source, target] = [terminusAddress(link.source), terminusAddress(link.target)];
  if (source !== undefined) link.set_source({ address: source });
  if (target !== undefined) link.set_target({ address: target });
}

/** A terminus or its address may be absent on the wire, whatever the typings say. */
function terminusAddress(terminus: unknown): string | undefined {
  if (typeof terminus !== 'object' || terminus === null || !('address' in terminus)) return undefined;
  return typeof terminus.address === 'string' ? terminus.address : undefined;
}

/** AMQP refuses a link by attaching and detaching it with an error. */
function refuse(link: Link, error: unknown): void {
  const { condition, description } = toWireError(error);
  link.attach();
  link.close({ condition, description });
}
