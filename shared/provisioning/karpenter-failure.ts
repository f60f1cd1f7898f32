import { classifyAzureError } from '../azure/classify-error.ts';
import { isRecord } from '../workspace/json-object.ts';
import type { ProvisioningFailure } from './node-provisioner.ts';

/** One condition of a NodeClaim or NodePool. */
export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/** `status.conditions` of an object; what is no condition is left out. */
export function conditionsOf(content: Readonly<Record<string, unknown>>): Condition[] {
  const status = isRecord(content['status']) ? content['status'] : {};
  const conditions: unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : [];
  return conditions.flatMap((condition) => {
    if (!isRecord(condition)) return [];
    const { type, status: value, reason, message } = condition;
    if (typeof type !== 'string' || typeof value !== 'string') return [];
    return [
      {
        type,
        status: value,
        reason: typeof reason === 'string' ? reason : '',
        message: typeof message === 'string' ? message : '',
      },
    ];
  });
}

/** Reasons that say nothing but that Karpenter is at it. */
const atWork: ReadonlySet<string> = new Set(['', 'AwaitingReconciliation', 'NotLaunched', 'Launching']);

/**
 * The reason that a launch has failed with, as Azure's own code, whose row of the error table then says what it means. Reasons:
 * karpenter-provider-azure, pkg/providers/instance/offerings/commonerrorhandlers.go.
 */
const azureCodes: Readonly<Record<string, string>> = {
  SubscriptionQuotaReached: 'QuotaExceeded',
  RegionalQuotaReached: 'RegionalQuotaReached',
  AllocationFailure: 'AllocationFailed',
  ZonalAllocationFailure: 'ZonalAllocationFailed',
  OverconstrainedAllocationFailure: 'OverconstrainedAllocationRequest',
  OverconstrainedZonalAllocationFailure: 'OverconstrainedZonalAllocationRequest',
  SKUNotAvailable: 'SkuNotAvailable',
};

/**
 * Texts of launches that older releases, gpu-provisioner and other clouds' providers report under a reason that fits all
 * (`LaunchFailed`, `CreateInstanceFailed`); the order decides.
 */
const texts: readonly (readonly [RegExp, string])[] = [
  [/vCPU quota for spot|LowPriorityCores/i, 'SpotQuotaReached'],
  [/regional (?:vCPU quota|capacity limit)|Total Regional/i, 'RegionalQuotaReached'],
  [/vCPU quota for .* has been reached|exceeding approved .*quota/i, 'QuotaExceeded'],
  [/unable to allocate resources in the selected zone|ZonalAllocationFailed/i, 'ZonalAllocationFailed'],
  [/insufficient capacity|requested instance types were unavailable|unable to allocate/i, 'AllocationFailed'],
  [/requested SKU is unavailable|SkuNotAvailable/i, 'SkuNotAvailable'],
];

/** Why a NodeClaim's machine was not made, from its condition Launched; undefined while nothing is wrong. */
export function launchFailure(conditions: readonly Condition[]): ProvisioningFailure | undefined {
  const launched = conditions.find(({ type }) => type === 'Launched');
  if (launched === undefined || launched.status === 'True' || atWork.has(launched.reason)) return undefined;
  const { reason, message } = launched;
  const told = message === '' ? reason : message;
  const code = (reason === 'SubscriptionQuotaReached' ? codeByText(told) : undefined) ?? azureCodes[reason];
  return fromCode(code ?? codeByText(told) ?? reason, told);
}

function codeByText(text: string): string | undefined {
  return texts.find(([pattern]) => pattern.test(text))?.[1];
}

/** Quotas that Azure itself names by text alone get the text its table looks for. */
function fromCode(code: string, message: string): ProvisioningFailure {
  switch (code) {
    case 'SpotQuotaReached':
      return spoken(message, { code: 'QuotaExceeded', message: `LowPriorityCores: ${message}` });
    case 'RegionalQuotaReached':
      return spoken(message, { code: 'QuotaExceeded', message: `Total Regional Cores: ${message}` });
    default:
      return spoken(message, { code, message });
  }
}

function spoken(message: string, error: { code: string; message: string }): ProvisioningFailure {
  return { ...classifyAzureError({ body: { error } }), message };
}
