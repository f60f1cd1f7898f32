import { stringAt } from '../json.ts';
import type { ObjectTable } from '../storage/object-table.ts';

/** AKS' default service range is 10.0.0.0/16; .1 is the API server's own service and .10 the cluster DNS. */
const firstFree = 11;
const lastInRange = 65_534;

/** The lowest service address that no Service holds. Throws when the range is used up. */
export function freeClusterIp(table: ObjectTable): string {
  const used = new Set(table.list('/services').map((service) => stringAt(service, 'spec', 'clusterIP')));
  for (let host = firstFree; host <= lastInRange; host++) {
    const address = `10.0.${Math.floor(host / 256)}.${host % 256}`;
    if (!used.has(address)) return address;
  }
  throw new Error('the service range 10.0.0.0/16 has no free address');
}
