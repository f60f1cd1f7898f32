import type { ArmHandler } from './arm-request.ts';
import { parameter } from './look-up.ts';
import { regionUsages } from './quota.ts';
import { regionSkus } from './skus.ts';
import { platformVersions } from './settings.ts';

/** GET Microsoft.Compute/locations/{location}/usages. */
export const listUsages: ArmHandler = ({ state }, request) => {
  const usages = regionUsages(state, parameter(request, 'location').toLowerCase());
  return {
    status: 200,
    body: {
      value: usages.map(({ name, localizedName, currentValue, limit }) => ({
        unit: 'Count',
        currentValue,
        limit,
        name: { value: name, localizedValue: localizedName },
      })),
    },
  };
};

/** GET Microsoft.Compute/skus: `$filter=location eq 'x'` chooses the region, else every region that has a cluster. */
export const listSkus: ArmHandler = ({ state }, request) => {
  const wanted = /location eq '([^']+)'/i.exec(request.query.get('$filter') ?? '')?.[1]?.toLowerCase();
  const regions = new Set(state.clusters.values().map(({ location }) => location));
  const locations = wanted === undefined ? [...regions] : [wanted];
  return { status: 200, body: { value: locations.flatMap((location) => regionSkus(state, location)) } };
};

/** GET availableAgentPoolVersions. */
export const listPoolVersions: ArmHandler = () => ({
  status: 200,
  body: {
    name: 'default',
    properties: { agentPoolVersions: [{ default: true, kubernetesVersion: platformVersions.kubernetes }] },
  },
});
