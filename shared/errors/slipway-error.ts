/** What every Slipway error tells: a stable code, what happened, and what the reader can do about it. */
export interface ErrorFacts {
  /** One or two plain sentences; never holds a secret. */
  message: string;
  /** What to change or whom to ask. */
  remedy?: string;
  /** The error underneath, kept for logs only. */
  cause?: unknown;
}

/** Root of the tree. Throw one of its leaves: {@link Terminal} or {@link Retryable}. */
export abstract class SlipwayError extends Error {
  /** Stable, CamelCase, searchable: `QuotaExceeded`, `ClusterUnreachable`. */
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(code: string, facts: ErrorFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = facts.remedy;
  }
}

/** Trying again changes nothing: somebody must change the request, the cluster or a permission first. */
export class Terminal extends SlipwayError {}

/** Passes by itself: try again, not before `retryAfterSeconds` when the other side named a time. */
export class Retryable extends SlipwayError {
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, facts: ErrorFacts & { retryAfterSeconds?: number | undefined }) {
    super(code, facts);
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}
