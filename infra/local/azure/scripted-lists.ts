import { matchesPattern } from '../cluster/faults.ts';
import type { AzureState } from './azure-state.ts';
import type { OutcomeRule } from './fault-rules.ts';
import { vmSizes } from './vm-sizes.ts';

/** A scripted refusal of every pool of its kind, with all that it says. */
export interface StandingRefusal {
  match: OutcomeRule['match'];
  text: string;
}

/**
 * Refusals that the lists of quotas and sizes must not contradict, because a client may look there first. Rules that strike a limited
 * number of times, or one pool alone, are surprises: Azure's lists lag behind those as well.
 */
export function standingRefusals(state: AzureState): StandingRefusal[] {
  return state.faults.rules().outcomes.flatMap(({ match, outcome, times, skip }) => {
    if (outcome.type !== 'refuse' && outcome.type !== 'fail') return [];
    const isSurprise = times !== undefined || skip !== undefined || match.pool !== undefined;
    const concernsCreation = match.operation === undefined || match.operation === 'create';
    if (isSurprise || !concernsCreation) return [];
    const { code, message, details } = outcome;
    return [{ match, text: [code, message, JSON.stringify(details ?? [])].join(' ') }];
  });
}

/** Names of the usages that scripted refusals say are used up. Wordings: Azure's own, as the error table of AKS documents them. */
export function usedUpQuotas(state: AzureState): Set<string> {
  return new Set(
    standingRefusals(state).flatMap(({ match, text }) => {
      if (!/quota/i.test(text)) return [];
      if (/LowPriorityCores/i.test(text) || match.priority === 'Spot') return ['lowPriorityCores'];
      if (/Total Regional/i.test(text)) return ['cores'];
      if (match.vmSize === undefined) return [];
      return vmSizes.filter(({ name }) => matchesPattern(match.vmSize, name)).map(({ family }) => family);
    }),
  );
}
