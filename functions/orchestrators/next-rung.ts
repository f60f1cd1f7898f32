import type { ChosenRung } from '../../shared/lifecycle/climbing.ts';
import type { PassedRung } from '../../shared/planning/passed-rung.ts';
import { regionalOnDemand } from '../../shared/planning/placement.ts';
import type { PlanAnswer } from '../contracts/workspace-activities.ts';

/** What a plan activity answered: a rung to ask for, or only why there is none. */
export function nextRung(answer: PlanAnswer): ChosenRung | { skipped: PassedRung[] } {
  const { plan, rung = 0, skipped = [] } = answer;
  if (plan === null) return { skipped };
  // An answer of before there were rungs stands for the one there was.
  const { offer = { instanceType: plan.instanceType, placement: regionalOnDemand } } = answer;
  const { price, sharing } = answer;
  return {
    plan,
    rung,
    offer,
    skipped,
    ...(price === undefined ? {} : { price }),
    ...(sharing === undefined ? {} : { sharing }),
  };
}
