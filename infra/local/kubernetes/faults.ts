import { z } from 'zod';

const match = z
  .strictObject({
    method: z.string().optional(),
    /** A glob (`*` within a segment, `**` across), or a regular expression between slashes with flags: `/pods$/i`. */
    path: z.string().optional(),
    verb: z.string().optional(),
    resource: z.string().optional(),
    name: z.string().optional(),
  })
  .default({});

const common = {
  id: z.string().optional(),
  match,
  /** Strikes this often, then no more. */
  times: z.int().positive().optional(),
  /** Strikes with this chance, drawn from `seed`. */
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().default(1),
};

const rule = z.discriminatedUnion('action', [
  z.strictObject({
    ...common,
    action: z.literal('status'),
    code: z.int().min(400).max(599),
    retryAfterSeconds: z.number().nonnegative().optional(),
    /** A whole body in the place of a generic Status. */
    body: z.record(z.string(), z.unknown()).optional(),
  }),
  /** The connection ends before the request is handled. */
  z.strictObject({ ...common, action: z.literal('reset') }),
  /** The request is handled, the answer is lost. */
  z.strictObject({ ...common, action: z.literal('applied-then-reset') }),
  /** Virtual milliseconds before the request is handled. */
  z.strictObject({ ...common, action: z.literal('delay'), milliseconds: z.number().nonnegative() }),
  /** The API server is down: connections end, open watches included. */
  z.strictObject({ ...common, action: z.literal('unavailable') }),
  z.strictObject({ ...common, action: z.literal('expire-token') }),
]);

export const faultRules = z.array(rule);

/** A fault to inject, as set from tests and over HTTP. */
export type FaultRule = z.input<typeof rule>;
type ParsedRule = z.output<typeof rule>;

/** A rule as it stands: with its id and how often it struck. */
export type Fault = ParsedRule & { id: string; hits: number };

/** What rules are matched against. */
export interface FaultSubject {
  method: string;
  path: string;
  verb: string | undefined;
  resource: string | undefined;
  name: string | undefined;
}

interface Armed {
  fault: Fault;
  random: () => number;
}

/** The faults one server injects. The first rule that matches and is not used up strikes; a delay lets the next one strike too. */
export class Faults {
  #armed: Armed[] = [];
  #nextId = 1;

  /** Replaces all rules. Throws ZodError on a malformed rule. */
  set(rules: readonly FaultRule[]): Fault[] {
    const parsed = faultRules.parse(rules);
    this.#armed = parsed.map((one) => this.#arm(one));
    return this.list();
  }

  add(oneRule: FaultRule): Fault {
    const armed = this.#arm(rule.parse(oneRule));
    this.#armed.push(armed);
    return { ...armed.fault };
  }

  /** Whether there was such a rule. */
  remove(id: string): boolean {
    const before = this.#armed.length;
    this.#armed = this.#armed.filter(({ fault }) => fault.id !== id);
    return this.#armed.length < before;
  }

  clear(): void {
    this.#armed = [];
  }

  list(): Fault[] {
    return this.#armed.map(({ fault }) => ({ ...fault }));
  }

  /** The faults that strike this request, in order: delays, and at most one other. Counts hits. */
  strike(subject: FaultSubject): Fault[] {
    const struck: Fault[] = [];
    for (const { fault, random } of this.#armed) {
      if (fault.times !== undefined && fault.hits >= fault.times) continue;
      if (!matches(fault.match, subject)) continue;
      if (fault.probability !== undefined && random() >= fault.probability) continue;
      fault.hits++;
      struck.push({ ...fault });
      if (fault.action !== 'delay') break;
    }
    return struck;
  }

  #arm(parsed: ParsedRule): Armed {
    const fault: Fault = { ...parsed, id: parsed.id ?? `fault-${this.#nextId++}`, hits: 0 };
    return { fault, random: mulberry32(parsed.seed) };
  }
}

function matches(wanted: ParsedRule['match'], subject: FaultSubject): boolean {
  if (wanted.method !== undefined && wanted.method.toUpperCase() !== subject.method) return false;
  if (wanted.verb !== undefined && wanted.verb !== subject.verb) return false;
  if (wanted.resource !== undefined && wanted.resource !== subject.resource) return false;
  if (wanted.name !== undefined && wanted.name !== subject.name) return false;
  return wanted.path === undefined || pathPattern(wanted.path).test(subject.path);
}

function pathPattern(text: string): RegExp {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/.exec(text) ?? [];
  // A path also starts with a slash; only one that ends in a slash too, with something a path cannot hold, is an expression.
  if (source !== undefined && flags !== undefined && /[\\^$()|[\]?+]/.test(source))
    return new RegExp(source, flags);
  const glob = text
    .split('**')
    .map((part) => part.split('*').map(escape).join('[^/]*'))
    .join('.*');
  return new RegExp(`^${glob}$`);
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.()|[\]{}?+]/g, '\\$&');
}

/** A small seeded generator (Tommy Ettinger's mulberry32): the same seed strikes the same requests. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
