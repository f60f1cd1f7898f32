/** Stands between those who send events and those who wait for them, and makes one chosen event of each life go wrong. */
import type {
  DurableEngine,
  DurableHttpRequest,
  DurableHttpResponse,
} from '../../infra/local/functions/contract.ts';
import type { NamespaceArrival } from '../../infra/local/servicebus/engine/namespace.ts';

export const fates = ['lost', 'doubled', 'late'] as const;
/** `late`: it comes behind the event that followed it, so the two are also in the wrong order. */
export type Fate = (typeof fates)[number];

/** Messages on the queues, or external events of orchestrations. */
export type EventKind = 'message' | 'nudge';

/** One event of a life, by its place in the row of its kind. */
export interface Victim {
  kind: EventKind;
  index: number;
  fate: Fate;
}

/** The events of one life so far. */
export interface LifeEvents {
  readonly victim: Victim | undefined;
  readonly passed: Record<EventKind, string[]>;
  /** What the victim was, once it came by. */
  struck: string | undefined;
  held: (() => void) | undefined;
}

export class EventGate {
  readonly #lives = new Map<string, LifeEvents>();
  readonly #lifeOf: (kind: EventKind, text: string) => string | undefined;

  /** `lifeOf` tells whose an event is, by the text of the message or by the instance id of the nudge. */
  constructor(lifeOf: (kind: EventKind, text: string) => string | undefined) {
    this.#lifeOf = lifeOf;
  }

  /** Counts the events of a life from now on; without a victim all of them pass. */
  watch(life: string, victim?: Victim): LifeEvents {
    const events = { victim, passed: { message: [], nudge: [] }, struck: undefined, held: undefined };
    this.#lives.set(life, events);
    return events;
  }

  /** For the broker. A doubled message is a copy under another id: the same id would be dropped as a duplicate. */
  readonly arriving: NamespaceArrival = (queue, message, deliver) => {
    this.#meet({ kind: 'message', what: queue, text: message.content.toString('latin1') }, (copy) =>
      deliver(copy ? { ...message, messageId: `${message.messageId}.again` } : message),
    );
  };

  /** The engine, with its door for external events behind this gate. */
  around(engine: DurableEngine): DurableEngine {
    return {
      start: () => engine.start(),
      stop: (grace) => engine.stop(grace),
      idle: () => engine.idle(),
      handle: async (request) => {
        const target = raisedFor(request);
        if (target === undefined) return engine.handle(request);
        const answers: Promise<DurableHttpResponse>[] = [];
        const raise = (): void => void answers.push(engine.handle(request));
        this.#meet({ kind: 'nudge', what: target, text: target }, raise);
        const [answer] = await Promise.all(answers);
        // Whoever raised a lost one must not notice.
        return answer ?? { status: 202, headers: {}, body: '' };
      },
    };
  }

  #meet(event: { kind: EventKind; what: string; text: string }, pass: (copy: boolean) => void): void {
    const { kind, what, text } = event;
    const life = this.#lives.get(this.#lifeOf(kind, text) ?? '');
    if (life === undefined) {
      pass(false);
      return;
    }
    const index = life.passed[kind].push(what) - 1;
    const { held, victim } = life;
    life.held = undefined;
    if (victim?.kind !== kind || victim.index !== index) {
      pass(false);
      held?.();
      return;
    }
    life.struck = what;
    switch (victim.fate) {
      case 'lost':
        return;
      case 'doubled':
        pass(false);
        pass(true);
        return;
      case 'late':
        life.held = () => pass(false);
    }
  }
}

/** The instance that `POST instances/{id}/raiseEvent/{name}` is for; undefined for any other request. */
function raisedFor({ method, path }: DurableHttpRequest): string | undefined {
  const [collection, id, operation] = path.split('/');
  const raises = method === 'POST' && collection === 'instances' && operation?.toLowerCase() === 'raiseevent';
  return raises ? id : undefined;
}
