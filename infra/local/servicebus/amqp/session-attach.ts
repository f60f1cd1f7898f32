import rhea from 'rhea';
import type { Sender } from 'rhea';
import { QueueFault } from '../engine/faults.ts';
import type { Journal } from '../engine/journal.ts';
import type { MessageQueue } from '../engine/queue.ts';
import type { SessionHold } from '../engine/sessions.ts';
import type { LinkEnd } from './link-end.ts';
import { ReceivingEnd } from './receiving-end.ts';
import { linkInternals } from './rhea-boundary.ts';

const sessionFilter = 'com.microsoft:session-filter';
const lockedUntil = 'com.microsoft:locked-until-utc';
const timeoutProperty = 'com.microsoft:timeout';

/** How long a client that names no time-out waits for a session; the service's own limit. */
const longestWait = 65_000;

/** Milliseconds between the .NET and the Unix epoch, in ticks of 100 ns. */
const unixEpochInTicks = 621_355_968_000_000_000n;

/** The session a receiver asks for: an id, null for any, undefined for none at all. */
export function wantedSession(link: Sender): string | null | undefined {
  const filter: unknown = link.source.filter;
  if (typeof filter !== 'object' || filter === null || !(sessionFilter in filter)) return undefined;
  const wanted = filter[sessionFilter];
  if (typeof wanted === 'string') return wanted;
  // .NET sends the id as a described string.
  if (
    typeof wanted === 'object' &&
    wanted !== null &&
    'value' in wanted &&
    typeof wanted.value === 'string'
  ) {
    return wanted.value;
  }
  return null;
}

/**
 * A receiver of a session. A named session is granted or refused at once; "any" waits for one with messages, up to the
 * client's time-out, with the attach unanswered.
 */
export class SessionEnd implements LinkEnd {
  readonly #link: Sender;
  readonly #queue: MessageQueue;
  readonly #journal: Journal;
  readonly #refuse: (fault: QueueFault) => void;
  #receiving: ReceivingEnd | undefined;
  #stopWaiting: () => void = () => undefined;

  constructor(
    link: Sender,
    target: { queue: MessageQueue; journal: Journal; refuse: (fault: QueueFault) => void },
  ) {
    this.#link = link;
    this.#queue = target.queue;
    this.#journal = target.journal;
    this.#refuse = target.refuse;
  }

  /** @throws QueueFault sessionCannotBeLocked. */
  accept(sessionId: string | null): void {
    if (sessionId === null) this.#seek();
    else this.#grant(this.#queue.acceptSession(sessionId, () => this.#lose()));
  }

  flowed(): void {
    this.#receiving?.flowed();
  }

  settled(...decision: Parameters<ReceivingEnd['settled']>): void {
    this.#receiving?.settled(...decision);
  }

  closed(): void {
    this.#stopWaiting();
    this.#receiving?.closed();
  }

  #seek(): void {
    const seeker = {
      granted: (hold: SessionHold) => {
        this.#stopWaiting();
        this.#grant(hold);
      },
      onLost: () => this.#lose(),
    };
    const timer = setTimeout(() => {
      this.#stopWaiting();
      this.#refuse(new QueueFault('timeout', 'No session with messages became available in time.'));
    }, this.#patience());
    this.#stopWaiting = () => {
      clearTimeout(timer);
      this.#queue.stopSeeking(seeker);
    };
    this.#queue.seekSession(seeker);
  }

  #patience(): number {
    // Links may come without any properties at all, whatever the typings say.
    const properties: unknown = this.#link.properties;
    if (typeof properties !== 'object' || properties === null) return longestWait;
    const wanted: unknown = Reflect.get(properties, timeoutProperty);
    return typeof wanted === 'number' ? Math.min(wanted, longestWait) : longestWait;
  }

  #grant(hold: SessionHold): void {
    const { address } = this.#link.source;
    this.#link.set_source({ address, filter: { [sessionFilter]: hold.sessionId } });
    linkInternals(this.#link).local.attach.properties = {
      [lockedUntil]: rhea.types.wrap_long(toTicks(hold.until)),
    };
    this.#receiving = new ReceivingEnd(this.#link, { queue: this.#queue, journal: this.#journal, hold });
  }

  #lose(): void {
    this.#receiving?.loseSession();
  }
}

function toTicks(epochMilliseconds: number): Buffer {
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(epochMilliseconds) * 10_000n + unixEpochInTicks);
  return ticks;
}
