import { nodePrice } from '../../shared/reconcile/node-price.ts';
import { planRung } from '../../shared/reconcile/plan-rung.ts';
import { planWorkspace } from '../contracts/workspace-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(planWorkspace, async (services, order) => {
  const answer = await planRung(services, order);
  if (answer.plan === null || order.now === undefined) return answer;
  return { ...answer, price: await nodePrice(services, order.cluster, answer.offer, order.now) };
});
