import { CauseReason, shown, type Fault } from '../fault.ts';

/** At most so many faults of the text are told with their places: one is enough to refuse, and each costs a look at the whole text. */
export const reportedPlaces = 20;

export const emptyDocument: Fault = {
  field: '',
  reason: CauseReason.Required,
  message: 'the document is empty',
  remedy: 'send a Workspace as JSON or YAML',
};

/** `line L, column C` of an offset, both from 1. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let next = before.indexOf('\n'); next !== -1; next = before.indexOf('\n', next + 1)) line += 1;
  return `line ${line}, column ${offset - lineStart + 1}`;
}

/** A key given twice, and where the second one stands. `parents` are the keys and indices that lead to its object. */
export function duplicate(parents: readonly (string | number)[], key: string, place: string): Fault {
  return {
    field: fieldPath([...parents, key]),
    reason: CauseReason.Duplicate,
    message: `${place}: the key ${shown(key)} is given twice`,
    remedy: 'keep one of them',
  };
}

/** `a.b[0].c` of keys and indices, shortened when long. */
export function fieldPath(steps: readonly (string | number)[]): string {
  let path = '';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path.slice(0, 200);
}
