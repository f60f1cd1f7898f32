import type { ErrorFacts } from '../errors/slipway-error.ts';
import { Retryable, SlipwayError, Terminal } from '../errors/slipway-error.ts';
import { redactText } from '../telemetry/redact.ts';
import { systemNamespace } from './labels.ts';
import type { StatusBody } from './status.ts';
import { readStatus } from './status.ts';

/** The HTTP side of a failed call, as client-node's ApiException has it. */
export interface ApiFailure {
  code: number;
  body: unknown;
  headers: Record<string, string>;
}

/** The HTTP failure inside what was thrown; undefined for transport errors (whose numeric `code` may be a DOMException's). */
export function asApiFailure(thrown: unknown): ApiFailure | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('headers' in thrown)) return undefined;
  const { code, headers } = thrown;
  if (typeof code !== 'number' || typeof headers !== 'object' || headers === null) return undefined;
  const texts = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return { code, body: 'body' in thrown ? thrown.body : undefined, headers: Object.fromEntries(texts) };
}

/** Whether the server says that the named object is absent, rather than its namespace or its whole type. */
export function isObjectAbsent({ code, body }: ApiFailure): boolean {
  const status = readStatus(body);
  return code === 404 && status !== undefined && status.kind !== '' && status.kind !== 'namespaces';
}

/**
 * The one place that turns what a cluster call threw into the port's error contract. `call` says what was tried
 * ("list nodes"). 404 of a named object is for the caller to handle before it comes here.
 */
export function toClusterError(thrown: unknown, cluster: string, call: string): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown;
  const failure = asApiFailure(thrown);
  if (failure === undefined) return transportError(thrown, cluster, call);
  const status = readStatus(failure.body);
  const facts: ErrorFacts = {
    message: `${call} in cluster ${cluster}: ${describe(failure, status)}`,
    cause: thrown,
  };
  return fromStatus(failure, status, facts);
}

function fromStatus(failure: ApiFailure, status: StatusBody | undefined, facts: ErrorFacts): SlipwayError {
  switch (failure.code) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return new Terminal('Invalid', facts);
    case 401:
      return new Retryable('ClusterUnreachable', {
        ...facts,
        remedy: 'The cluster refuses our token: check its identity settings.',
      });
    case 403:
      return forbidden(status, facts);
    case 404:
      return notFound(status, facts);
    case 409:
      return status?.reason === 'AlreadyExists'
        ? new Terminal('AlreadyExists', facts)
        : new Retryable('Conflict', facts);
    case 410:
      return new Terminal('Expired', facts);
    case 429:
      return new Retryable('TooManyRequests', {
        ...facts,
        retryAfterSeconds: retryAfter(failure, status) ?? 1,
      });
    default:
      // A body that fails the schema in server-side apply comes back as 500 without a reason.
      return /failed to create typed patch object|field not declared in schema/.test(status?.message ?? '')
        ? new Terminal('Invalid', facts)
        : new Retryable('ClusterUnreachable', { ...facts, retryAfterSeconds: retryAfter(failure, status) });
  }
}

function forbidden(status: StatusBody | undefined, facts: ErrorFacts): SlipwayError {
  const terminating =
    status?.causes.some(({ reason }) => reason === 'NamespaceTerminating') === true ||
    /because it is being terminated/.test(status?.message ?? '');
  if (terminating) return new Retryable('NamespaceTerminating', { ...facts, retryAfterSeconds: 10 });
  return new Terminal('Forbidden', {
    ...facts,
    remedy: "Grant the function app's identity the cluster role of the deployment guide.",
  });
}

function notFound(status: StatusBody | undefined, facts: ErrorFacts): SlipwayError {
  // A path that the server does not know is answered in plain text: the CRD is not installed.
  if (status === undefined || status.kind === '' || status.name === systemNamespace) {
    return new Retryable('ClusterNotPrepared', { ...facts, retryAfterSeconds: 5 });
  }
  if (status.kind === 'namespaces') {
    return new Terminal('NamespaceNotFound', {
      ...facts,
      remedy: `Create it: kubectl create namespace ${status.name}`,
    });
  }
  return new Retryable('Conflict', facts);
}

function transportError(thrown: unknown, cluster: string, call: string): Retryable {
  return new Retryable('ClusterUnreachable', {
    message: `${call} in cluster ${cluster}: ${transportReason(thrown)}`,
    remedy:
      'Nothing is lost: ask again later. az aks show --query powerState tells whether the cluster runs.',
    cause: thrown,
  });
}

/** fetch says "fetch failed"; the reason sits in its cause. */
function transportReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'the call failed';
  if (thrown.name === 'TimeoutError') return 'no answer in time';
  const { cause } = thrown;
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return redactText(`${cause instanceof Error ? cause.message : thrown.message}${code}`);
}

function describe({ code }: ApiFailure, status: StatusBody | undefined): string {
  if (status === undefined) return `HTTP ${code}`;
  const causes = status.causes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  const untold = causes.filter((cause) => !status.message.includes(cause));
  return redactText([status.message || `HTTP ${code}`, ...untold].join('; ')).slice(0, 2048);
}

function retryAfter({ headers }: ApiFailure, status: StatusBody | undefined): number | undefined {
  const seconds = Number(headers['retry-after']);
  return headers['retry-after'] !== undefined && Number.isFinite(seconds)
    ? seconds
    : status?.retryAfterSeconds;
}
