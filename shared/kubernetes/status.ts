/** What we read of a Kubernetes `Status` body. */
export interface StatusBody {
  reason: string;
  message: string;
  /** Of the object in question: lower-case plural, or the Kind for 422. */
  kind: string;
  name: string;
  causes: { reason: string; field: string; message: string }[];
  retryAfterSeconds?: number;
}

/** Reads the body of a failed answer; undefined when it is no Status (a proxy's page, "404 page not found"). */
export function readStatus(body: unknown): StatusBody | undefined {
  const value = typeof body === 'string' ? parse(body) : body;
  const fields = fieldsOf(value);
  if (fields.get('kind') !== 'Status') return undefined;
  const details = fieldsOf(fields.get('details'));
  const causes = details.get('causes');
  const retryAfterSeconds = details.get('retryAfterSeconds');
  return {
    reason: textOf(fields.get('reason')),
    message: textOf(fields.get('message')),
    kind: textOf(details.get('kind')),
    name: textOf(details.get('name')),
    causes: Array.isArray(causes) ? causes.map(readCause) : [],
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
}

function readCause(cause: unknown): StatusBody['causes'][number] {
  const fields = fieldsOf(cause);
  return {
    reason: textOf(fields.get('reason')),
    field: textOf(fields.get('field')),
    message: textOf(fields.get('message')),
  };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined; // not every failure on the way is Kubernetes' own
  }
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
