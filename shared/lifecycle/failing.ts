import type { Step } from './decision.ts';
import { Phase } from './phase.ts';

/** Why something failed for good, and what to do about it. */
export interface FailureFacts {
  code: string;
  message: string;
  remedy?: string;
}

/** For failures whose finder knows no better advice. */
const tryAgain =
  'Mend what the message names; then change the spec, or set the annotation slipway.dev/retry to any new value.';

/** The step into Failed, or the stay there: the same words every time, so that staying writes nothing. */
export function failedFor({ code, message, remedy = tryAgain }: FailureFacts): Step {
  return {
    phase: Phase.Failed,
    why: `${code}: ${message} ${remedy}`,
    failure: { code, message, remedy },
    work: { ready: false, reason: code, message },
  };
}
