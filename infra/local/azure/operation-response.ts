import type { AzureContext } from './settings.ts';
import type { ArmRequest } from './arm-request.ts';
import { operationPath } from './views.ts';
import type { OperationRecord } from './records.ts';

/** The headers by which a client follows a long-running operation. Location only where the real service sends it. */
export function operationHeaders(
  context: AzureContext,
  request: ArmRequest,
  operation: OperationRecord,
  { location }: { location: boolean },
): Record<string, string> {
  const version = request.query.get('api-version') ?? '2026-04-01';
  const url = (kind: 'operations' | 'operationresults'): string =>
    `${request.origin}${operationPath(context, operation, kind)}?api-version=${version}&t=${operation.startTime}`;
  return {
    'azure-asyncoperation': url('operations'),
    'retry-after': String(context.timings.arm.operationRetryAfter),
    ...(location && { location: url('operationresults') }),
  };
}
