/**
 * Claims on shared pools: what each allocation wants of one, kept as a ConfigMap of `slipway-system`. Which nodes are whose stands on the
 * nodes themselves, in a label.
 */
import * as z from 'zod/mini';
import type { ClusterObjects } from '../kubernetes/cluster-objects.ts';
import { isRecord } from '../workspace/json-object.ts';
import type { PoolPower, PoolRequest, ProvisioningFailure } from './node-provisioner.ts';
import { FailureClass, ProvisioningError } from './node-provisioner.ts';
import type { PoolNote } from './pool-notes.ts';
import { dataOf, PoolNotes } from './pool-notes.ts';
import { notOurs, poolGone } from './refusals-of-ours.ts';
import { sharedPoolName } from './shared-pool-body.ts';
import { areOurs } from './stored-tags.ts';

const kind = 'Node claim';
/** A claim deleted by hand stays: its nodes serve a workspace, and only that workspace's wish releases them. */
const finalizer = 'slipway.dev/nodes';
/** Key of the ConfigMap for what is no order: JSON. */
const dataKey = 'claim';
/** Nodes remembered as dead; a node's name comes once only. */
const discardsKept = 50;

const failureSchema = z.object({
  class: z.enum(FailureClass),
  code: z.string(),
  message: z.string(),
  remedy: z.optional(z.string()),
  retryAfterSeconds: z.optional(z.number()),
});

const standingSchema = z.object({
  released: z._default(z.boolean(), false),
  power: z._default(z.enum(['running', 'stopped']), 'running'),
  /** Nodes it was served with before it grew: they are kept when the growth is refused. */
  grownFrom: z._default(z.int().check(z.nonnegative()), 0),
  /** Machines that are its own and have not joined the cluster yet. */
  awaited: z._default(z.array(z.string()), []),
  /** Nodes of its own that are dead: they go, and others take their place. */
  discarded: z._default(z.array(z.string()), []),
  /** Why it cannot have the nodes that it lacks. */
  refusal: z.optional(failureSchema),
});
export type ClaimStanding = z.infer<typeof standingSchema>;

export interface SharedClaim extends PoolNote, ClaimStanding {
  /** Agent pool that its nodes are part of. */
  sharedPool: string;
  /** ISO 8601, by the API server's clock. */
  createdAt: string;
}

export class SharedClaims {
  readonly #notes: PoolNotes;

  constructor(objects: ClusterObjects) {
    this.#notes = new PoolNotes(objects, { kind: 'node-claim', finalizer });
  }

  /** All of them, those that are not ours too. */
  async list(): Promise<SharedClaim[]> {
    return (await this.#notes.list()).map(toClaim);
  }

  write(request: PoolRequest): Promise<'started' | 'exists'> {
    return this.#notes.write(request);
  }

  async find(name: string): Promise<SharedClaim | undefined> {
    const note = await this.#notes.find(name);
    return note && toClaim(note);
  }

  /** Another size is another try: what was refused is forgotten. Asked for the size that is refused, it says so again. */
  async resize(claim: SharedClaim, count: number, power: PoolPower): Promise<'started' | 'unchanged'> {
    if (!areOurs(claim.tags)) throw notOurs(kind, claim.name);
    if (claim.released) throw poolGone(kind, claim.name);
    const wanted = power === 'stopped' ? claim.order.count : count;
    if (claim.order.count === wanted && claim.power === power) {
      if (claim.refusal !== undefined) throw new ProvisioningError(claim.refusal);
      return 'unchanged';
    }
    const standing: ClaimStanding = {
      ...standingOf(claim),
      power,
      grownFrom: claim.refusal === undefined ? wantedNodes(claim) : claim.grownFrom,
      refusal: undefined,
    };
    await this.#notes.change(claim, {
      ...dataOf({ ...claim.order, count: wanted }),
      ...standingData(standing),
    });
    return 'started';
  }

  async release(claim: SharedClaim): Promise<void> {
    if (!areOurs(claim.tags)) throw notOurs(kind, claim.name);
    if (!claim.released) await this.#write(claim, { released: true });
  }

  /** These nodes are to be replaced; those named before may have gone by now. */
  async discard(claim: SharedClaim, nodes: readonly string[]): Promise<void> {
    if (!areOurs(claim.tags)) throw notOurs(kind, claim.name);
    const discarded = [...new Set([...claim.discarded, ...nodes])].slice(-discardsKept);
    await this.#write(claim, { discarded });
  }

  refuse(claim: SharedClaim, refusal: ProvisioningFailure): Promise<void> {
    return this.#write(claim, { refusal });
  }

  await(claim: SharedClaim, machines: string[]): Promise<void> {
    return this.#write(claim, { awaited: machines });
  }

  drop(claim: SharedClaim): Promise<void> {
    return this.#notes.drop(claim);
  }

  #write(claim: SharedClaim, change: Partial<ClaimStanding>): Promise<void> {
    return this.#notes.change(claim, standingData({ ...standingOf(claim), ...change }));
  }
}

/** Nodes that the claim is to have now. */
export function wantedNodes({ released, power, order }: SharedClaim): number {
  return released || power === 'stopped' ? 0 : order.count;
}

function toClaim(note: PoolNote): SharedClaim {
  const metadata = isRecord(note.object.content['metadata']) ? note.object.content['metadata'] : {};
  const { creationTimestamp } = metadata;
  return {
    ...note,
    ...readStanding(note.data[dataKey]),
    sharedPool: sharedPoolName(note.order),
    createdAt: typeof creationTimestamp === 'string' ? creationTimestamp : '',
  };
}

function standingOf(claim: SharedClaim): ClaimStanding {
  const { released, power, grownFrom, awaited, discarded, refusal } = claim;
  return { released, power, grownFrom, awaited, discarded, ...(refusal === undefined ? {} : { refusal }) };
}

function standingData(standing: ClaimStanding): Record<string, string> {
  return { [dataKey]: JSON.stringify(standing) };
}

/** What a hand edit broke reads as a claim that holds on to its nodes. */
function readStanding(text: unknown): ClaimStanding {
  const nothing = standingSchema.parse({});
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : '{}');
    return z.catch(standingSchema, nothing).parse(value);
  } catch {
    return nothing; // no JSON: somebody edited it
  }
}
