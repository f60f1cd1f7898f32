import { submit } from '../../shared/intake/submission.ts';
import type { Fault } from '../../shared/workspace/fault.ts';
import { readBody } from './read-body.ts';
import { clusterOf, pathName, route } from './route.ts';
import { invalidResponse } from './status.ts';
import { submissionResponse } from './submit.ts';

route({
  name: 'putWorkspace',
  method: 'PUT',
  route: 'workspaces/{namespace}/{name}',
  async handle(request, services) {
    const cluster = clusterOf(request, services);
    const body = await readBody(request);
    if (!body.ok) return body.response;
    const placed = place(body.document, pathName(request));
    if (!placed.ok) return invalidResponse(placed.faults, pathName(request).name);
    return submissionResponse(
      request,
      cluster,
      await submit(services, { document: placed.document, cluster, mode: 'apply' }),
    );
  },
});

type Placed = { ok: true; document: unknown } | { ok: false; faults: Fault[] };

/** The document under the name of the path: what it leaves out is filled in, what it says otherwise is refused. */
function place(document: unknown, path: { namespace: string; name: string }): Placed {
  if (!isRecord(document)) return { ok: true, document };
  const metadata = document['metadata'] ?? {};
  if (!isRecord(metadata)) return { ok: true, document };
  const faults = (['namespace', 'name'] as const).flatMap((field): Fault[] =>
    metadata[field] === undefined || metadata[field] === path[field]
      ? []
      : [
          {
            field: `metadata.${field}`,
            reason: 'FieldValueInvalid',
            message: `metadata.${field} is not the ${field} of the path, "${path[field]}"`,
            remedy: 'Leave it out, or make both the same.',
          },
        ],
  );
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, document: { ...document, metadata: { ...metadata, ...path } } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
