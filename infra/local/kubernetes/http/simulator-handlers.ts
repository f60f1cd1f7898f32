import { ZodError, z } from 'zod';
import type { FaultRule, Faults } from '../faults.ts';
import { faultRules } from '../faults.ts';
import { badRequest, notFound } from '../status.ts';
import type { Exchange } from './exchange.ts';

/** What the simulator's own paths may do to the server. */
export interface SimulatorControls {
  faults: Faults;
  setFaults: (rules: readonly FaultRule[]) => void;
  requestCounts: () => Record<string, number>;
  /** Forgets the watch window. */
  compact: () => void;
  dropWatches: () => number;
}

/**
 * `/simulator/faults` (GET, PUT a list, POST one, DELETE all), `/simulator/faults/{id}` (DELETE), `/simulator/requests` (GET counts),
 * `/simulator/compact` and `/simulator/drop-watches` (POST). False for other paths.
 */
export async function serveSimulator(exchange: Exchange, controls: SimulatorControls): Promise<boolean> {
  const { pathname } = exchange.url;
  if (!pathname.startsWith('/simulator/')) return false;
  const [, , what, id] = pathname.split('/');
  const asked = `${exchange.method} ${what}${id === undefined ? '' : '/id'}`;
  const { faults } = controls;
  switch (asked) {
    case 'GET faults':
      break;
    case 'PUT faults':
      controls.setFaults(parseRules(await exchange.body()));
      break;
    case 'POST faults':
      controls.setFaults([
        ...faults.list().map(({ hits: _, ...rule }) => rule),
        ...parseRules([await exchange.body()]),
      ]);
      break;
    case 'DELETE faults':
      controls.setFaults([]);
      break;
    case 'DELETE faults/id':
      if (!faults.remove(id ?? '')) throw notFound({ group: 'simulator', plural: 'faults' }, id ?? '');
      break;
    case 'GET requests':
      exchange.send(200, { requests: controls.requestCounts() });
      return true;
    case 'POST compact':
      controls.compact();
      exchange.send(200, {});
      return true;
    case 'POST drop-watches':
      exchange.send(200, { dropped: controls.dropWatches() });
      return true;
    default:
      return false;
  }
  exchange.send(200, { faults: faults.list() });
  return true;
}

function parseRules(body: unknown): FaultRule[] {
  try {
    return faultRules.parse(body);
  } catch (error) {
    if (error instanceof ZodError) throw badRequest(z.prettifyError(error));
    throw error;
  }
}
