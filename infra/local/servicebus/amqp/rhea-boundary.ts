import rhea from 'rhea';
import type { Delivery, Receiver, Sender, Session } from 'rhea';
import type { WireError } from './conditions.ts';

/**
 * The parts of rhea's links, sessions and deliveries that its typings leave out and a broker needs. Each is checked at
 * run time, so a rhea that changed shape fails loudly here and nowhere else.
 */
export interface LinkInternals {
  local: { attach: AttachFrame };
  /** rhea calls this as soon as the peer attaches; a broker decides first. */
  open: () => void;
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
}

interface AttachFrame {
  snd_settle_mode: number;
  rcv_settle_mode: number;
  max_message_size: number;
  properties: Record<string, unknown>;
}

interface SenderInternals extends LinkInternals {
  /** True while the peer's last flow asked for a drain. */
  _draining?: boolean;
  /** Called when a flow is written; true sets its drain flag. */
  _get_drain: () => boolean;
}

interface SessionInternals {
  create_link: (name: string, constructor: unknown, options: unknown) => unknown;
  on_transfer: (frame: TransferFrame) => void;
  outgoing: { available: () => number };
}

interface TransferFrame {
  performative: { message_format?: number | null };
}

/** rhea leaves messages of a format it does not know undecoded, which is what a broker wants. */
export const undecodedFormat = 1;

export function linkInternals(link: Sender | Receiver): LinkInternals {
  const candidate: unknown = link;
  if (!isLink(candidate)) throw unexpected('link');
  return candidate;
}

export function senderInternals(sender: Sender): SenderInternals {
  const candidate: unknown = sender;
  if (!isSender(candidate)) throw unexpected('sender');
  return candidate;
}

/** Free places in the ring of deliveries this session can have unsettled at once. */
export function freeDeliveries(session: Session): number {
  return sessionInternals(session).outgoing.available();
}

/** Makes a session leave attaches unanswered until `attach()` is called, and hand over messages as raw bytes. */
export function takeControl(session: Session): void {
  const internals = sessionInternals(session);
  const createLink = internals.create_link.bind(session);
  internals.create_link = (name, constructor, options) => {
    const link = createLink(name, constructor, options);
    if (!isLink(link)) throw unexpected('link');
    link.open = () => undefined;
    return link;
  };
  const onTransfer = internals.on_transfer.bind(session);
  internals.on_transfer = (frame) => {
    if (frame.performative.message_format === 0) frame.performative.message_format = undecodedFormat;
    onTransfer(frame);
  };
}

/** Writes the link's flow state to the peer at the next turn. */
export function writeFlow(sender: Sender): void {
  senderInternals(sender).issue_flow = true;
  // rhea writes what is pending whenever anything asks it to: an empty disposition update does.
  const connection: unknown = sender.connection;
  if (!hasFunction(connection, '_register')) throw unexpected('connection');
  connection._register();
}

/** Ends a delivery a client gave an outcome for: `accepted`, or `rejected` so that its settlement call fails. */
export function confirmSettlement(delivery: Delivery, error: WireError | undefined): void {
  delivery.update(true, outcome(error));
  const settled: { remote_settled: boolean } = delivery;
  // The client settles without another word; without this the session's ring of deliveries never empties.
  settled.remote_settled = true;
}

export function outcome(error: WireError | undefined): unknown {
  const { types } = rhea;
  if (error === undefined) return types.wrap_described([], 0x24);
  const wrapped = types.wrap_error({ condition: error.condition, description: error.description });
  return types.wrap_described([wrapped], 0x25);
}

function sessionInternals(session: Session): SessionInternals {
  const candidate: unknown = session;
  if (!isSession(candidate)) throw unexpected('session');
  return candidate;
}

function isLink(value: unknown): value is LinkInternals {
  return isObject(value) && 'local' in value && 'credit' in value && hasFunction(value, 'open');
}

function isSender(value: unknown): value is SenderInternals {
  return isLink(value) && hasFunction(value, '_get_drain');
}

function isSession(value: unknown): value is SessionInternals {
  return hasFunction(value, 'create_link') && hasFunction(value, 'on_transfer') && 'outgoing' in value;
}

function hasFunction<Name extends string>(value: unknown, name: Name): value is Record<Name, () => void> {
  return isObject(value) && typeof Reflect.get(value, name) === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function unexpected(what: string): Error {
  return new Error(`rhea's ${what} is not built as expected; was the package updated?`);
}
