import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { CustomResource } from '../../shared/kubernetes/cluster.ts';
import type { SubmissionResult } from '../../shared/intake/submission.ts';
import { apiRoot } from '../contracts/names.ts';
import { invalidResponse, statusResponse } from './status.ts';

/** A terminating workspace usually goes within a few minutes. */
const terminatingRetrySeconds = 30;

/** The answer to a request that was to write a workspace. */
export function submissionResponse(
  request: HttpRequest,
  cluster: string,
  result: SubmissionResult,
): HttpResponseInit {
  switch (result.outcome) {
    case 'created':
    case 'updated':
    case 'unchanged':
      return acceptedResponse(request, cluster, result);
    case 'invalid':
      return invalidResponse(result.faults);
    case 'conflict': {
      const { name } = result.record.metadata;
      return statusResponse({
        code: 409,
        reason: 'AlreadyExists',
        message: `workspaces.kaito.sh "${name}" already exists with another spec; use PUT to change it`,
        name,
      });
    }
    case 'terminating':
      return terminatingResponse(result.record.metadata.name);
    case 'stale':
      return statusResponse({
        code: 409,
        reason: 'Conflict',
        message: `the workspace changed since it was read: ${result.message}; read it again and apply the change to that`,
      });
    case 'superseded':
      return statusResponse({ code: 409, reason: 'Conflict', message: result.message });
  }
}

/** 202 with the record as it now is, and where to see how it goes on. */
export function acceptedResponse(
  request: HttpRequest,
  cluster: string,
  { record, warnings }: { record: CustomResource; warnings: readonly string[] },
): HttpResponseInit {
  const { namespace, name } = record.metadata;
  const query = request.query.get('cluster') === null ? '' : `?cluster=${encodeURIComponent(cluster)}`;
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
  return {
    status: 202,
    headers: {
      Location: `${apiRoot}/workspaces/${namespace}/${name}${query}`,
      ...(warning === '' ? {} : { Warning: toHeaderText(warning) }),
    },
    jsonBody: record,
  };
}

export function terminatingResponse(name: string): HttpResponseInit {
  return statusResponse({
    code: 409,
    reason: 'AlreadyExists',
    message: `workspaces.kaito.sh "${name}" is being deleted; send the request again when it is gone`,
    name,
    retryAfterSeconds: terminatingRetrySeconds,
  });
}

/** Header values are Latin-1 without line breaks. */
function toHeaderText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ' ');
}
