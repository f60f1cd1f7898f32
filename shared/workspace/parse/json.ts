import { CauseReason, type Fault, shown } from '../fault.ts';
import type { Parsed } from './parsed.ts';
import { jsonErrorOffset } from './json-error-offset.ts';

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

/** `line L, column C` of an offset, both from 1. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let next = before.indexOf('\n'); next !== -1; next = before.indexOf('\n', next + 1)) line += 1;
  return `line ${line}, column ${offset - lineStart + 1}`;
}

/** Scans text that is known to be valid JSON for keys given twice in one object. */
function duplicateKeys(text: string): Fault[] {
  const faults: Fault[] = [];
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (followedByColon(text, token.lastIndex)) {
      const keys = open.at(-1);
      const key: unknown = JSON.parse(found);
      if (keys === undefined || typeof key !== 'string') continue;
      if (keys.has(key)) faults.push(duplicate(key, placeOf(text, match.index)));
      keys.add(key);
    }
  }
  return faults;
}

function followedByColon(text: string, from: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = from;
  return colon.test(text);
}

/** A key given twice, and where the second one stands. */
export function duplicate(key: string, place: string): Fault {
  return {
    field: key.slice(0, 200),
    reason: CauseReason.Duplicate,
    message: `${place}: the key ${shown(key)} is given twice`,
    remedy: 'keep one of them',
  };
}
