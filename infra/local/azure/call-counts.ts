/** How often ARM was called, by HTTP method and by operation id (`AgentPools_List`); refused calls count too. */
export interface CallCounts {
  total: number;
  methods: Record<string, number>;
  operations: Record<string, number>;
  /** Answers by HTTP status. */
  statuses: Record<string, number>;
}

export class CallCounter {
  readonly #counts: CallCounts = { total: 0, methods: {}, operations: {}, statuses: {} };

  request(method: string, operation: string): void {
    this.#counts.total += 1;
    increase(this.#counts.methods, method);
    increase(this.#counts.operations, operation);
  }

  answer(status: number): void {
    increase(this.#counts.statuses, String(status));
  }

  counts(): CallCounts {
    return structuredClone(this.#counts);
  }
}

function increase(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
