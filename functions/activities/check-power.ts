import { checkPower } from '../contracts/cluster-activities.ts';
import { registerActivity } from './register.ts';

registerActivity(checkPower, async (services, { cluster }) => {
  const { provisioner } = await services.cluster(cluster);
  return { condition: await provisioner.powerState() };
});
