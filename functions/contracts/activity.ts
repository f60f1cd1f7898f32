/** Names and types of activities, shared by the orchestrators that call them and the registrations that run them. */

/** Why an activity did not do what was asked. Plain data: it travels through durable history. */
export interface ActivityFailure {
  code: string;
  message: string;
  remedy?: string;
  /** Trying again may help, not before `retryAfterSeconds` when that is given. */
  retryable: boolean;
  retryAfterSeconds?: number;
}

/** Activities answer with values and never reject: a rejected task would end the orchestration. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: ActivityFailure };

/** An activity's name together with the types of what goes in and comes out. */
export interface Activity<Input extends object, Output> {
  readonly name: string;
  /** Never set; carries the types. */
  readonly types?: (input: Input) => Output;
}

export function activity<Input extends object, Output>(name: string): Activity<Input, Output> {
  return { name };
}
