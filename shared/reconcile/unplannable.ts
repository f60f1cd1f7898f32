import { Terminal } from '../errors/slipway-error.ts';
import type { Fault } from '../workspace/fault.ts';

/** Why no plan can be made, from what each try found; the same words are told once. */
export function unplannable(faults: readonly Fault[][]): Terminal {
  const texts = new Map(faults.map((one) => [unfit(one).message, unfit(one)]));
  const remedies = new Set(
    [...texts.values()].flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy])),
  );
  return new Terminal('WorkspaceUnplannable', {
    message: [...texts.keys()].join('; '),
    ...(remedies.size === 0 ? {} : { remedy: [...remedies].join(' ') }),
  });
}

/** The faults of one try in one line. */
export function unfit(faults: readonly Fault[]): { message: string; remedy?: string } {
  const remedies = faults.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]));
  return {
    message: faults.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; '),
    ...(remedies.length === 0 ? {} : { remedy: remedies.join(' ') }),
  };
}
