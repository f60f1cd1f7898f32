import type { ErrorDetail } from './records.ts';

/** `aks`: flat body of the AKS resource provider; `arm`: wrapped in `error`, as ARM and other providers answer. */
export type ErrorShape = 'aks' | 'arm';

export interface ArmErrorFacts extends ErrorDetail {
  status: number;
  shape: ErrorShape;
  retryAfterSeconds?: number;
}

/** A refusal with its HTTP status and one of Azure's two synchronous body shapes. */
export class ArmError extends Error {
  readonly facts: ArmErrorFacts;

  constructor(facts: ArmErrorFacts) {
    super(`${facts.code}: ${facts.message}`);
    this.name = 'ArmError';
    this.facts = facts;
  }

  /** The JSON body as that service would send it. */
  body(): Record<string, unknown> {
    const { code, message, details, target, subcode } = this.facts;
    if (this.facts.shape === 'aks') {
      return { code, details: details ?? null, message, subcode: subcode ?? '', ...(target && { target }) };
    }
    return { error: { code, message, ...(target && { target }), ...(details && { details }) } };
  }
}

/** An AKS resource provider refusal (body shape A). */
export function aksError(
  status: number,
  code: string,
  message: string,
  more: Partial<ArmErrorFacts> = {},
): ArmError {
  return new ArmError({ status, code, message, shape: 'aks', ...more });
}

/** An ARM refusal (body shape B). */
export function armError(
  status: number,
  code: string,
  message: string,
  more: Partial<ArmErrorFacts> = {},
): ArmError {
  return new ArmError({ status, code, message, shape: 'arm', ...more });
}
