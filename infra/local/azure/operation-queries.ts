import { aksError } from './arm-error.ts';
import type { ArmHandler } from './arm-request.ts';
import { parameter } from './look-up.ts';
import type { OperationRecord } from './records.ts';
import type { AzureContext } from './settings.ts';
import { operationView } from './views.ts';
import type { ArmRequest } from './arm-request.ts';

/** GET operations/{id}: always 200 with the status; Retry-After while it runs. */
export const getOperation: ArmHandler = (context, request) => {
  const operation = operationOf(context, request);
  return { status: 200, body: operationView(context, operation), headers: pollHeaders(context, operation) };
};

/** GET operationresults/{id}: 202 while it runs, then 204, or the error that ended it. */
export const getOperationResult: ArmHandler = (context, request) => {
  const operation = operationOf(context, request);
  if (operation.status === 'InProgress') {
    const location = `${request.origin}${request.path}?${request.query.toString()}`;
    return { status: 202, headers: { ...pollHeaders(context, operation), location } };
  }
  if (operation.status === 'Succeeded') return { status: 204 };
  const { code, message, details } = operation.error ?? {
    code: operation.status,
    message: 'The operation was canceled.',
  };
  throw aksError(409, code, message, details && { details });
};

function operationOf(context: AzureContext, request: ArmRequest): OperationRecord {
  const id = parameter(request, 'operation');
  const operation = context.state.operations.get(id.toLowerCase());
  if (operation) return operation;
  throw aksError(404, 'NotFound', `The operation ${id} was not found.`);
}

function pollHeaders({ timings }: AzureContext, operation: OperationRecord): Record<string, string> {
  return operation.status === 'InProgress' ? { 'retry-after': String(timings.arm.operationRetryAfter) } : {};
}
