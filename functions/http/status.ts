import type { HttpResponseInit } from '@azure/functions';
import { Retryable, SlipwayError } from '../../shared/errors/slipway-error.ts';
import type { Fault } from '../../shared/workspace/fault.ts';

/** What a refusal says beside its message. */
export interface Refusal {
  code: number;
  /** Kubernetes StatusReason, such as `Invalid` or `AlreadyExists`. */
  reason: string;
  message: string;
  faults?: Fault[];
  name?: string;
  retryAfterSeconds?: number;
}

/** An error as a Kubernetes `Status` object, so that kubectl-minded tools can read it. */
export function statusResponse({
  code,
  reason,
  message,
  faults,
  name,
  retryAfterSeconds,
}: Refusal): HttpResponseInit {
  const causes = faults?.map(toCause);
  return {
    status: code,
    headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterSeconds)) },
    jsonBody: {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      code,
      details: {
        group: 'kaito.sh',
        kind: 'workspaces',
        ...(name === undefined ? {} : { name }),
        ...(causes === undefined ? {} : { causes }),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterSeconds) }),
      },
    },
  };
}

/** Several faults in one Status: 422 with a cause each. */
export function invalidResponse(faults: Fault[], name?: string): HttpResponseInit {
  const told = faults
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
    .join('; ');
  const message = `Workspace.kaito.sh "${name ?? ''}" is invalid: ${told}`;
  return statusResponse({
    code: 422,
    reason: 'Invalid',
    message,
    faults,
    ...(name === undefined ? {} : { name }),
  });
}

/** Seconds a caller should wait when nobody named a time. */
const usualRetryAfter = 5;

const terminalStatus: Readonly<Record<string, { code: number; reason: string }>> = {
  BadRequest: { code: 400, reason: 'BadRequest' },
  UnknownCluster: { code: 404, reason: 'NotFound' },
  NamespaceNotFound: { code: 404, reason: 'NotFound' },
  Expired: { code: 410, reason: 'Expired' },
  Invalid: { code: 422, reason: 'Invalid' },
  AlreadyExists: { code: 409, reason: 'AlreadyExists' },
};

/** What an error of ours means to an HTTP caller; undefined for errors that are bugs. */
export function errorResponse(error: unknown): HttpResponseInit | undefined {
  if (!(error instanceof SlipwayError)) return undefined;
  const message =
    error.remedy === undefined ? error.message : `${error.message.replace(/\.$/, '')}. ${error.remedy}`;
  if (error instanceof Retryable) {
    const retryAfterSeconds = error.retryAfterSeconds ?? usualRetryAfter;
    return error.code === 'Conflict'
      ? statusResponse({ code: 409, reason: 'Conflict', message, retryAfterSeconds })
      : statusResponse({ code: 503, reason: 'ServiceUnavailable', message, retryAfterSeconds });
  }
  const known = terminalStatus[error.code] ?? { code: 500, reason: 'InternalError' };
  return statusResponse({
    ...known,
    message: known.reason === error.code ? message : `${error.code}: ${message}`,
  });
}

function toCause({ field, reason, message, remedy }: Fault): {
  field: string;
  reason: string;
  message: string;
} {
  return { field, reason, message: remedy === undefined ? message : `${message}. ${remedy}` };
}
