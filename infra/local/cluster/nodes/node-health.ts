import type { NodeFault } from '../faults.ts';
import type { Timings } from '../timings.ts';
import { earliest } from '../runtime/controller.ts';
import type { Machine } from './machine.ts';

/** Whether a machine's kubelet reports, by time and faults, and when that may change. */
export interface NodeHealth {
  /** Status of the Ready condition; Unknown once a silent kubelet was missed. */
  ready: 'True' | 'False' | 'Unknown';
  /** The kubelet does its work: starts, probes and stops containers. */
  working: boolean;
  /** The machine is gone for good, and its Node shall go. */
  lost: boolean;
  next: number | undefined;
}

/** The health of `machine` at `now`, as a pure function of its record and the faults on it. */
export function nodeHealth(
  machine: Machine,
  { now, faults, timings }: { now: number; faults: NodeFault[]; timings: Timings },
): NodeHealth {
  if (faults.some(({ effect }) => effect === 'neverReady')) {
    return { ready: 'False', working: false, lost: false, next: undefined };
  }
  if (now < machine.readyAt) return { ready: 'False', working: false, lost: false, next: machine.readyAt };
  let next: number | undefined;
  for (const fault of faults) {
    if (fault.effect !== 'notReady' && fault.effect !== 'lost') continue;
    const silentFrom = machine.readyAt + (fault.afterSeconds ?? 0) * 1000;
    const silentUntil =
      fault.effect === 'lost' || fault.forSeconds === undefined
        ? Infinity
        : silentFrom + fault.forSeconds * 1000;
    if (now < silentFrom) next = earliest(next, silentFrom);
    if (now < silentFrom || now >= silentUntil) continue;
    const missedAt = silentFrom + timings.nodes.monitorGracePeriod * 1000;
    const goneAt = fault.effect === 'lost' ? missedAt + timings.nodes.lostRemoval * 1000 : Infinity;
    const later = [missedAt, silentUntil, goneAt].filter((time) => time > now && time !== Infinity);
    return {
      ready: now < missedAt ? 'True' : 'Unknown',
      working: false,
      lost: now >= goneAt,
      next: earliest(...later),
    };
  }
  return { ready: 'True', working: true, lost: false, next };
}
