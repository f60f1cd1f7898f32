import type { ExpectedRecord } from '../../shared/intake/submission.ts';
import { submit } from '../../shared/intake/submission.ts';
import { CauseReason, shown } from '../../shared/workspace/fault.ts';
import type { Fault } from '../../shared/workspace/fault.ts';
import { pathName } from './query.ts';
import { readBody } from './read-body.ts';
import { clusterOf, route } from './route.ts';
import { invalidResponse } from './status.ts';
import { submissionResponse } from './submit.ts';
import { isRecord } from '../../shared/workspace/json-object.ts';

route({
  name: 'putWorkspace',
  method: 'PUT',
  route: 'workspaces/{namespace}/{name}',
  async handle(request, services) {
    const path = pathName(request);
    const cluster = clusterOf(request, services);
    const body = await readBody(request);
    if (!body.ok) return body.response;
    const { document, expected, faults } = place(body.document, path);
    if (faults.length > 0) return invalidResponse(faults, path.name);
    const submission = { document, cluster, mode: 'apply', ...(expected && { expected }) } as const;
    return submissionResponse(request, cluster, await submit(services, submission));
  },
});

interface Placed {
  document: unknown;
  expected?: ExpectedRecord | undefined;
  faults: Fault[];
}

/**
 * The document under the name of the path: what it leaves out is filled in, what it says otherwise is refused. A uid or
 * resourceVersion in it says which record it means to replace. What is no document is left to validation.
 */
function place(document: unknown, path: { namespace: string; name: string }): Placed {
  if (!isRecord(document)) return { document, faults: [] };
  const metadata = document['metadata'] ?? {};
  if (!isRecord(metadata)) return { document, faults: [] };
  const moved = (['namespace', 'name'] as const).flatMap((field) =>
    metadata[field] === undefined || metadata[field] === path[field]
      ? []
      : [otherThanPath(field, path[field])],
  );
  const expected: ExpectedRecord = {};
  const unread: Fault[] = [];
  for (const field of ['uid', 'resourceVersion'] as const) {
    const value = metadata[field] ?? '';
    if (typeof value !== 'string') unread.push(notText(field, value));
    else if (value !== '') expected[field] = value;
  }
  return {
    document: { ...document, metadata: { ...metadata, ...path } },
    expected: Object.keys(expected).length === 0 ? undefined : expected,
    faults: [...moved, ...unread],
  };
}

function otherThanPath(field: string, expected: string): Fault {
  return {
    field: `metadata.${field}`,
    reason: CauseReason.Invalid,
    message: `metadata.${field} is not the ${field} of the path, "${expected}"`,
    remedy: 'Leave it out, or make both the same.',
  };
}

/** An unquoted version would be read as a number and so guard nothing. */
function notText(field: string, value: unknown): Fault {
  return {
    field: `metadata.${field}`,
    reason: CauseReason.TypeInvalid,
    message: `must be text, not ${shown(value)}`,
    remedy: 'put it in quotes',
  };
}
