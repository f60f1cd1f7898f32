/**
 * What a shared pool needs next, from its claims, its nodes and the pool itself. Pure. Whatever crashed in between, the next look comes to
 * the same plan: labels on nodes, the claims and the pool's count are all there is to know.
 */
import type { PoolView, ProvisioningFailure } from './node-provisioner.ts';
import { mostNodes } from './shared-pool-body.ts';

export interface ClaimFacts {
  name: string;
  /** ISO 8601: the oldest is served first. */
  createdAt: string;
  /** Nodes that it is to have; 0 once released. */
  wanted: number;
  released: boolean;
  /** It will get no more nodes. */
  refused: boolean;
  /** Machines of its own that have not joined yet. */
  awaited: readonly string[];
}

export interface SharedNodeFacts {
  name: string;
  /** Name of the claim in its label. */
  claim: string | undefined;
  ready: boolean;
  /** It is going, in Kubernetes. */
  deleting: boolean;
  /** It is dead, and to be replaced. */
  discarded: boolean;
}

/** The agent pool as ARM shows it. */
export interface SharedPoolFacts {
  state: PoolView['state'];
  count: number;
  stopped: boolean;
  /** Machines are being taken away right now. */
  shrinking: boolean;
  failure?: ProvisioningFailure;
}

export interface UpkeepFacts {
  /** Undefined: it is not there. */
  pool: SharedPoolFacts | undefined;
  claims: readonly ClaimFacts[];
  nodes: readonly SharedNodeFacts[];
  /** Names of the pool's machines; undefined while nobody has asked. */
  machines?: readonly string[];
}

/** Nodes that a claim lacks. */
export interface Share {
  claim: string;
  missing: number;
}

/** The one thing to ask of ARM. */
export type UpkeepOrder =
  /** Nothing can be decided before the machines are listed. */
  | { kind: 'look' }
  /** A pool of `base` machines and the shares', made if it is not there. */
  | { kind: 'grow'; base: number; shares: Share[] }
  /** Set the count to what there is, running. */
  | { kind: 'settle'; count: number }
  | { kind: 'remove-machines'; machines: string[] }
  | { kind: 'remove-pool' };

export interface Upkeep {
  /** Nodes to be given to claims. */
  labels: { node: string; claim: string }[];
  /** Claims with the machines they wait for. */
  awaited: { claim: string; machines: string[] }[];
  /** Claims whose nodes do not come. */
  refusals: { claim: string; failure: ProvisioningFailure }[];
  /** Released claims of which nothing is left. */
  drops: string[];
  order: UpkeepOrder | undefined;
}

export function planUpkeep(facts: UpkeepFacts): Upkeep {
  const labels = facts.pool?.shrinking === true ? [] : labelsFor(facts);
  const seen = { ...facts, nodes: withLabels(facts.nodes, labels) };
  return { ...nothing, labels, ...afterLabels(seen) };
}

export function isNothing({ labels, awaited, refusals, drops, order }: Upkeep): boolean {
  const changes = labels.length + awaited.length + refusals.length + drops.length;
  return changes === 0 && order === undefined;
}

const nothing: Upkeep = { labels: [], awaited: [], refusals: [], drops: [], order: undefined };

function afterLabels(facts: UpkeepFacts): Partial<Upkeep> {
  const { pool, claims, machines } = facts;
  if (pool === undefined) {
    const { fitting, refusals } = withinLimit(lacking(facts, []), 0);
    return { drops: bare(facts, []), refusals, order: growth(fitting, 0) };
  }
  if (pool.state === 'deleting') return {};
  if (claims.every(({ released }) => released)) return { order: { kind: 'remove-pool' } };
  if (pool.state !== 'succeeded' && pool.state !== 'failed') return {};
  if (machines === undefined) return isSteady(facts, pool) ? {} : { order: { kind: 'look' } };
  return withMachines(facts, pool, machines);
}

function withMachines(
  facts: UpkeepFacts,
  pool: SharedPoolFacts,
  machines: readonly string[],
): Partial<Upkeep> {
  const joined = new Set(facts.nodes.map(({ name }) => name));
  const spoken = new Set(facts.claims.flatMap((claim) => claim.awaited));
  const unclaimed = machines.filter((name) => !joined.has(name) && !spoken.has(name)).sort();
  const awaited = facts.claims.map((claim) => {
    const kept = claim.awaited.filter((name) => machines.includes(name) && !joined.has(name));
    const missing = claim.refused ? 0 : claim.wanted - held(facts, claim) - kept.length;
    return { claim, machines: [...kept, ...unclaimed.splice(0, Math.max(0, missing))] };
  });
  const changed = awaited.filter((one) => one.machines.join() !== one.claim.awaited.join());
  const rest = lacking(
    facts,
    awaited.map((one) => ({ claim: one.claim.name, machines: one.machines })),
  );
  const given = refusalsOf(pool, rest, machines.length);
  const refused = new Set(given.map(({ claim }) => claim));
  const { fitting, refusals } = withinLimit(
    rest.filter(({ claim }) => !refused.has(claim)),
    machines.length,
  );
  const surplus = new Set([...surplusNodes(facts), ...unclaimed]);
  const going = machines.filter((name) => surplus.has(name) || isAwaitedByReleased(facts, name));
  return {
    awaited: changed.map((one) => ({ claim: one.claim.name, machines: one.machines })),
    refusals: [...given, ...refusals],
    drops: going.length === 0 ? bare(facts, machines) : [],
    order: nextOrder(pool, {
      going,
      shares: fitting,
      there: machines.length,
      wanted: facts.claims.some(({ wanted }) => wanted > 0),
    }),
  };
}

/** Machines go before others come: it stops a bill, and makes room in a quota. */
function nextOrder(
  pool: SharedPoolFacts,
  { going, shares, there, wanted }: { going: string[]; shares: Share[]; there: number; wanted: boolean },
): UpkeepOrder | undefined {
  if (going.length > 0) return { kind: 'remove-machines', machines: going };
  const grown = growth(shares, there);
  if (grown !== undefined) return grown;
  // A count that promises machines which are not there would bring them some day, for nobody.
  return pool.count !== there || (pool.stopped && wanted) ? { kind: 'settle', count: there } : undefined;
}

function growth(shares: Share[], base: number): UpkeepOrder | undefined {
  return shares.length === 0 ? undefined : { kind: 'grow', base, shares };
}

/** An agent pool is never larger than AKS allows: those that would make it so are told. */
function withinLimit(
  shares: readonly Share[],
  base: number,
): { fitting: Share[]; refusals: Upkeep['refusals'] } {
  let count = base;
  const fitting = shares.filter(({ missing }) => {
    const fits = count + missing <= mostNodes;
    if (fits) count += missing;
    return fits;
  });
  const tooMuch = shares.filter((share) => !fitting.includes(share));
  return { fitting, refusals: tooMuch.map(({ claim }) => ({ claim, failure: poolFull })) };
}

const poolFull: ProvisioningFailure = {
  class: 'next-rung',
  code: 'SharedPoolFull',
  message: `The shared agent pool of this size has as many nodes as AKS allows, ${mostNodes}.`,
  remedy: 'Use another instance type, or set slipway.dev/node-allocation to dedicated.',
};

/** Claims that Azure took up and then gave up: those whose machines the count of a failed pool promises. */
function refusalsOf(pool: SharedPoolFacts, shares: readonly Share[], there: number): Upkeep['refusals'] {
  const { failure } = pool;
  if (pool.state !== 'failed' || failure === undefined) return [];
  let promised = pool.count - there;
  return shares.flatMap(({ claim, missing }) => {
    const covered = promised > 0;
    promised -= missing;
    return covered ? [{ claim, failure }] : [];
  });
}

/** Free nodes go to whoever waits for that very machine, else to the oldest claim that lacks one. */
function labelsFor({ claims, nodes }: UpkeepFacts): Upkeep['labels'] {
  const free = nodes.filter((node) => node.claim === undefined && isGood(node));
  const awaitedBy = new Map(
    claims.flatMap((claim) => claim.awaited.map((machine) => [machine, claim] as const)),
  );
  const due = free.flatMap(({ name }) => {
    const claim = awaitedBy.get(name);
    return claim === undefined || claim.released ? [] : [{ node: name, claim: claim.name }];
  });
  const unclaimed = free
    .map(({ name }) => name)
    .filter((name) => !awaitedBy.has(name))
    .sort();
  const pending = claims.map(({ name, awaited }) => ({ claim: name, machines: [...awaited] }));
  return [
    ...due,
    ...lacking({ claims, nodes }, pending).flatMap(({ claim, missing }) =>
      unclaimed.splice(0, missing).map((node) => ({ node, claim })),
    ),
  ];
}

/** What live claims lack beyond the machines they wait for, the oldest first. */
function lacking(
  facts: Pick<UpkeepFacts, 'claims' | 'nodes'>,
  pending: readonly { claim: string; machines: string[] }[],
): Share[] {
  const waits = new Map(pending.map(({ claim, machines }) => [claim, machines.length]));
  return byAge(facts.claims).flatMap((claim) => {
    const missing = claim.wanted - held(facts, claim) - (waits.get(claim.name) ?? 0);
    return claim.refused || claim.released || missing <= 0 ? [] : [{ claim: claim.name, missing }];
  });
}

/** Nodes that nobody is to have: dead ones, those of released claims and of claims that are no more, too many of a claim, and free ones. */
function surplusNodes({ claims, nodes }: UpkeepFacts): string[] {
  const live = new Map(claims.filter(({ released }) => !released).map((claim) => [claim.name, claim]));
  const spoken = new Set([...live.values()].flatMap(({ awaited }) => awaited));
  const present = nodes.filter(({ deleting }) => !deleting);
  const ownerless = present.filter(({ name, claim, discarded }) => {
    return discarded || (claim === undefined ? !spoken.has(name) : !live.has(claim));
  });
  const tooMany = [...live.values()].flatMap((claim) =>
    present
      .filter((node) => node.claim === claim.name && isGood(node))
      .sort((one, other) => Number(other.ready) - Number(one.ready) || (one.name < other.name ? -1 : 1))
      .slice(claim.wanted),
  );
  return [...ownerless, ...tooMany].map(({ name }) => name);
}

/** Released claims of which neither a node nor a machine is left. */
function bare({ claims, nodes }: UpkeepFacts, machines: readonly string[]): string[] {
  return claims
    .filter(({ name, released, awaited }) => {
      const gone =
        nodes.every(({ claim }) => claim !== name) && !awaited.some((one) => machines.includes(one));
      return released && gone;
    })
    .map(({ name }) => name);
}

function isAwaitedByReleased({ claims }: UpkeepFacts, machine: string): boolean {
  return claims.some(({ released, awaited }) => released && awaited.includes(machine));
}

/** Every claim has what it is to have, and the pool has no machine beyond. */
function isSteady(facts: UpkeepFacts, pool: SharedPoolFacts): boolean {
  const { claims } = facts;
  if (claims.some(({ released }) => released) || surplusNodes(facts).length > 0) return false;
  if (pool.stopped && claims.some(({ wanted }) => wanted > 0)) return false;
  const served = claims.every((claim) => claim.refused || held(facts, claim) === claim.wanted);
  const due = claims.reduce(
    (sum, claim) => sum + (claim.refused ? held(facts, claim) + claim.awaited.length : claim.wanted),
    0,
  );
  return served && pool.count === due;
}

function held({ nodes }: Pick<UpkeepFacts, 'nodes'>, { name }: Pick<ClaimFacts, 'name'>): number {
  return nodes.filter((node) => node.claim === name && isGood(node)).length;
}

/** Neither going nor dead. */
export function isGood({ deleting, discarded }: SharedNodeFacts): boolean {
  return !deleting && !discarded;
}

export function byAge<T extends Pick<ClaimFacts, 'createdAt' | 'name'>>(claims: readonly T[]): T[] {
  const key = ({ createdAt, name }: T): string => `${createdAt} ${name}`;
  return claims.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

function withLabels(nodes: readonly SharedNodeFacts[], labels: Upkeep['labels']): SharedNodeFacts[] {
  const given = new Map(labels.map(({ node, claim }) => [node, claim]));
  return nodes.map((node) => ({ ...node, claim: given.get(node.name) ?? node.claim }));
}
