import type { Step } from './decision.ts';
import { Phase } from './phase.ts';

/** Why something failed for good, and what to do about it. */
export interface FailureFacts {
  code: string;
  message: string;
  remedy?: string;
}

/** The step into Failed, or the stay there: the same words every time, so that staying writes nothing. */
export function failedFor({ code, message, remedy }: FailureFacts): Step {
  return {
    phase: Phase.Failed,
    why: `${code}: ${message}${remedy === undefined ? '' : ` ${remedy}`}`,
    failure: { code, message, ...(remedy === undefined ? {} : { remedy }) },
    work: { ready: false, reason: code, message },
  };
}
