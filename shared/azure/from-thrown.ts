import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { ProvisioningError } from '../provisioning/node-provisioner.ts';
import { redactText } from '../telemetry/redact.ts';
import { classifyAzureError } from './classify-error.ts';
import { errorBodyOf } from './error-body.ts';
import { parseJson } from './error-signs.ts';

/** The one place that turns what the ARM SDK or a credential throws into our error. */
export function toProvisioningError(thrown: unknown): ProvisioningError {
  if (thrown instanceof ProvisioningError) return thrown;
  return new ProvisioningError(classifyThrown(thrown), thrown);
}

function classifyThrown(thrown: unknown): ProvisioningFailure {
  if (!(thrown instanceof Error)) {
    return {
      class: 'retry',
      code: 'UnknownFailure',
      message: redactText(String(thrown)),
      retryAfterSeconds: 60,
    };
  }
  if (isRestError(thrown) && thrown.statusCode !== undefined) {
    const { message, code, statusCode, request, response } = thrown;
    return classifyAzureError({
      body: parseJson(errorBodyOf(request) ?? response?.bodyAsText) ?? { code, message },
      status: statusCode,
      ...(response === undefined ? {} : { header: (name) => response.headers.get(name) }),
    });
  }
  if (credentialErrors.has(thrown.name)) {
    return {
      class: 'operator',
      code: 'CredentialUnavailable',
      message: redactText(firstLine(thrown.message)),
      remedy: "Assign the function app's identity, and set AZURE_CLIENT_ID when it is user-assigned.",
      retryAfterSeconds: 60,
    };
  }
  return {
    class: 'retry',
    code: 'AzureUnreachable',
    message: `Azure Resource Manager did not answer: ${redactText(firstLine(thrown.message))}`,
    retryAfterSeconds: 10,
  };
}

/** Names of the errors of `@azure/identity`; told by name so that the package need not be loaded to compare. */
const credentialErrors: ReadonlySet<string> = new Set([
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
]);

/** What we read of the SDK's RestError. */
interface RestErrorLike extends Error {
  code?: string;
  statusCode?: number;
  request?: unknown;
  response?: { bodyAsText?: string | null; headers: { get(name: string): string | undefined } };
}

function isRestError(error: Error): error is RestErrorLike {
  return error.name === 'RestError';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
