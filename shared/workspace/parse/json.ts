import { CauseReason, type Fault, shown } from '../fault.ts';
import type { Parsed } from './parsed.ts';
import { jsonErrorOffset } from './json-error-offset.ts';
import { duplicate, placeOf, reportedPlaces } from './places.ts';

/** Reads one strict JSON document. Duplicate keys are refused: which one wins differs from parser to parser. */
export function parseJson(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, faults: [syntaxFault(text)] };
  }
  const faults = duplicateKeys(text);
  return faults.length === 0 ? { ok: true, value } : { ok: false, faults };
}

function syntaxFault(text: string): Fault {
  const offset = jsonErrorOffset(text);
  const found = offset >= text.length ? 'it ends too early' : `${shown(text[offset])} cannot stand here`;
  return {
    field: '',
    reason: CauseReason.Invalid,
    message: `${placeOf(text, offset)}: not valid JSON: ${found}`,
    remedy: 'send JSON with content type application/json, or YAML with application/yaml',
  };
}

/** An open object or list, with the step that leads to what is read in it now. */
interface Open {
  /** Keys so far; undefined in a list. */
  keys: Set<string> | undefined;
  step: string | number;
}

/** Scans text that is known to be valid JSON for keys given twice in one object. */
function duplicateKeys(text: string): Fault[] {
  const faults: Fault[] = [];
  const open: Open[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;
  for (
    let match = token.exec(text);
    match !== null && faults.length < reportedPlaces;
    match = token.exec(text)
  ) {
    const [found] = match;
    const inner = open.at(-1);
    if (found === '{') open.push({ keys: new Set(), step: '' });
    else if (found === '[') open.push({ keys: undefined, step: 0 });
    else if (found === '}' || found === ']') open.pop();
    else if (found === ',') {
      if (typeof inner?.step === 'number') inner.step += 1;
    } else if (inner?.keys !== undefined && followedByColon(text, token.lastIndex)) {
      const key: unknown = JSON.parse(found);
      if (typeof key !== 'string') continue;
      const parents = open.slice(0, -1).map(({ step }) => step);
      if (inner.keys.has(key)) faults.push(duplicate(parents, key, placeOf(text, match.index)));
      inner.keys.add(key);
      inner.step = key;
    }
  }
  return faults;
}

function followedByColon(text: string, from: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = from;
  return colon.test(text);
}
