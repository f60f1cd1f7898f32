import { z } from 'zod';
import { matchesPattern } from '../cluster/faults.ts';
import type { ClusterFaults, NodeFault, PodFault } from '../cluster/faults.ts';
import type { DocumentTable } from './document-table.ts';
import { faultRulesSchema } from './fault-rules.ts';
import type { FaultRules, FaultRulesInput, HttpAction, Outcome } from './fault-rules.ts';

export const faultBookSchema = z.object({
  rules: faultRulesSchema,
  /** How often each counted rule matched, by `section/index`. */
  used: z.record(z.string(), z.number()),
  /** The machines and pods that a limited rule has claimed, by `section/index`. */
  claimed: z.record(z.string(), z.array(z.string())),
});
type FaultBookDocument = z.infer<typeof faultBookSchema>;

const key = 'faults';

/** The faults in force. Rules and what they have used up are durable, so a restart neither forgets nor repeats one. */
export class FaultBook implements ClusterFaults {
  readonly #table: DocumentTable<FaultBookDocument>;
  readonly #listeners: ((rules: FaultRules) => void)[] = [];

  constructor(table: DocumentTable<FaultBookDocument>) {
    this.#table = table;
  }

  rules(): FaultRules {
    return this.#document().rules;
  }

  /** Replaces all rules and forgets what the old ones used up. Throws a ZodError on an unknown field. */
  set(rules: FaultRulesInput): void {
    this.#store({ rules: faultRulesSchema.parse(rules), used: {}, claimed: {} });
    this.#announce();
  }

  /** Adds rules behind those in force, whose counts go on. */
  add(more: FaultRulesInput): void {
    const added = faultRulesSchema.parse(more);
    const { rules, used, claimed } = this.#document();
    const merged: FaultRules = {
      outcomes: [...rules.outcomes, ...added.outcomes],
      http: [...rules.http, ...added.http],
      nodes: [...rules.nodes, ...added.nodes],
      pods: [...rules.pods, ...added.pods],
      limits: { ...rules.limits, ...added.limits },
      kubernetes: [...rules.kubernetes, ...added.kubernetes],
    };
    this.#store({ rules: merged, used, claimed });
    this.#announce();
  }

  clear(): void {
    this.set({});
  }

  onChange(listener: (rules: FaultRules) => void): void {
    this.#listeners.push(listener);
  }

  /** The scripted outcome of a pool operation, if any; counts as one use of its rule. */
  outcome(operation: {
    cluster: string;
    pool: string;
    vmSize: string;
    zones: string[];
    priority: 'Spot' | 'Regular';
    operation: 'create' | 'update' | 'delete' | 'deleteMachines';
  }): Outcome | undefined {
    return this.#firstUse('outcomes', ({ match }) => {
      const zones = operation.zones.length === 0 ? [''] : operation.zones;
      return (
        matchesPattern(match.cluster, operation.cluster) &&
        matchesPattern(match.pool, operation.pool) &&
        matchesPattern(match.vmSize, operation.vmSize) &&
        zones.some((zone) => matchesPattern(match.zone, zone)) &&
        (match.priority === undefined || match.priority === operation.priority) &&
        (match.operation === undefined || match.operation === operation.operation)
      );
    })?.outcome;
  }

  /** What shall happen to an ARM request, if anything; counts as one use of its rule. */
  http(request: { method: string; path: string; operation: string }): HttpAction | undefined {
    return this.#firstUse(
      'http',
      ({ match }) =>
        matchesPattern(match.method, request.method) &&
        matchesPattern(match.path, request.path) &&
        matchesPattern(match.operation, request.operation),
    )?.action;
  }

  node(target: { cluster: string; pool: string; node: string }): NodeFault[] {
    return this.#claimAll('nodes', target.node, ({ match }) => {
      return (
        matchesPattern(match.cluster, target.cluster) &&
        matchesPattern(match.pool, target.pool) &&
        matchesPattern(match.node, target.node)
      );
    });
  }

  pod(target: { cluster: string; namespace: string; name: string; uid: string }): PodFault[] {
    return this.#claimAll('pods', target.uid, ({ match }) => {
      return (
        matchesPattern(match.cluster, target.cluster) &&
        matchesPattern(match.namespace, target.namespace) &&
        matchesPattern(match.name, target.name)
      );
    });
  }

  #firstUse<Section extends 'outcomes' | 'http'>(
    section: Section,
    matches: (rule: FaultRules[Section][number]) => boolean,
  ): FaultRules[Section][number] | undefined {
    const document = this.#document();
    const rules: FaultRules[Section][number][] = document.rules[section];
    for (const [index, rule] of rules.entries()) {
      if (!matches(rule)) continue;
      const id = `${section}/${index}`;
      const before = document.used[id] ?? 0;
      const skip = rule.skip ?? 0;
      if (rule.times !== undefined && before >= skip + rule.times) continue;
      this.#store({ ...document, used: { ...document.used, [id]: before + 1 } });
      if (before >= skip) return rule;
    }
    return undefined;
  }

  #claimAll<Section extends 'nodes' | 'pods'>(
    section: Section,
    target: string,
    matches: (rule: FaultRules[Section][number]) => boolean,
  ): FaultRules[Section][number][] {
    const rules: FaultRules[Section][number][] = this.#document().rules[section];
    return rules.filter((rule, index) => {
      if (!matches(rule)) return false;
      return rule.times === undefined || this.#claim(`${section}/${index}`, target, rule.times);
    });
  }

  #claim(id: string, target: string, limit: number): boolean {
    const document = this.#document();
    const claimed = document.claimed[id] ?? [];
    if (claimed.includes(target)) return true;
    if (claimed.length >= limit) return false;
    this.#store({ ...document, claimed: { ...document.claimed, [id]: [...claimed, target] } });
    return true;
  }

  #document(): FaultBookDocument {
    return this.#table.get(key) ?? { rules: faultRulesSchema.parse({}), used: {}, claimed: {} };
  }

  #store(document: FaultBookDocument): void {
    this.#table.set(key, document);
  }

  #announce(): void {
    for (const listener of this.#listeners) listener(this.rules());
  }
}
