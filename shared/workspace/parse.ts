import { CauseReason, type Fault } from './fault.ts';
import type { Parsed } from './parse/parsed.ts';
import { parseJson } from './parse/json.ts';
import { beyondLimits, maximumDepth } from './parse/limits.ts';
import { parseYaml } from './parse/yaml.ts';
import { emptyDocument } from './parse/places.ts';

export type { Parsed };

/**
 * Reads the text of a request body as one JSON or YAML document. Never throws: whatever is wrong comes back as faults,
 * with line and column where the text is at fault. Size and depth are refused before parsing.
 * @param mediaType the Content-Type; JSON and YAML types decide the parser, any other (or none) leaves it to the look of the text
 */
export function parseDocument(text: string, mediaType?: string): Parsed {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (body.trim() === '') return { ok: false, faults: [emptyDocument] };
  const excess = beyondLimits(body);
  if (excess !== undefined) return { ok: false, faults: [excess] };
  const parsed = guarded(() => parseAs(formatOf(body, mediaType), body));
  if (!parsed.ok) return parsed;
  const faults = foreignValues(parsed.value);
  return faults.length === 0 ? parsed : { ok: false, faults };
}

type Format = 'json' | 'yaml' | 'either';

function formatOf(text: string, mediaType: string | undefined): Format {
  const type = mediaType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/[/+]json$/.test(type)) return 'json';
  if (/[/+](x-)?yaml$/.test(type)) return 'yaml';
  // Quoted keys are JSON's way; YAML's flow style has bare ones.
  if (/^\s*\{\s*"/.test(text)) return 'json';
  return /^\s*[{[]/.test(text) ? 'either' : 'yaml';
}

function parseAs(format: Format, text: string): Parsed {
  if (format === 'yaml') return parseYaml(text);
  const json = parseJson(text);
  if (format === 'json' || json.ok || json.faults[0]?.reason === CauseReason.Duplicate) return json;
  // YAML flow style looks like JSON at its first character. When it is neither, the author most likely meant JSON.
  const yaml = parseYaml(text);
  return yaml.ok ? yaml : json;
}

/** Turns a throw of a parser (an unresolved alias, an alias bomb) into a fault: a parser's refusal is the author's to mend. */
function guarded(parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      faults: [
        {
          field: '',
          reason: CauseReason.Invalid,
          message: `cannot be read: ${message.slice(0, 160)}`,
          remedy: 'write the values out, without anchors, aliases and tags',
        },
      ],
    };
  }
}

/** At most so many odd values are named: one is enough to refuse. */
const namedValues = 20;

/** Values that JSON cannot carry (NaN, infinities, dates), the key `__proto__`, and nesting that hid from the look at the text. */
function foreignValues(root: unknown): Fault[] {
  const faults: Fault[] = [];
  const open: { value: unknown; field: string; depth: number }[] = [{ value: root, field: '', depth: 0 }];
  for (let next = open.pop(); next !== undefined && faults.length < namedValues; next = open.pop()) {
    const { value, field, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      faults.push({
        field,
        reason: CauseReason.Invalid,
        message: `${value} is not a number that JSON knows`,
        remedy: 'write a finite number, or put it in quotes',
      });
    }
    if (typeof value !== 'object' || value === null) continue;
    if (!isPlain(value)) {
      faults.push({
        field,
        reason: CauseReason.Invalid,
        message: 'a date, a set or binary data is no value that JSON knows',
        remedy: 'put it in quotes, without a YAML tag',
      });
      continue;
    }
    if (depth > maximumDepth) return [tooDeep(field)];
    for (const [key, item] of Object.entries(value)) {
      const path = pathTo(field, key, Array.isArray(value));
      if (key === '__proto__') {
        faults.push({
          field: path,
          reason: CauseReason.Forbidden,
          message: 'the key __proto__ is not accepted',
          remedy: 'remove it',
        });
      } else open.push({ value: item, field: path, depth: depth + 1 });
    }
  }
  return faults;
}

/** YAML tags (`!!set`, `!!binary`) and YAML 1.1 (`2001-01-01`) make objects of other kinds. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function tooDeep(field: string): Fault {
  const message = `nested more than ${maximumDepth} levels deep`;
  return { field, reason: CauseReason.Invalid, message, remedy: 'flatten the document' };
}

function pathTo(parent: string, key: string, inList: boolean): string {
  const path = inList ? `${parent}[${key}]` : parent === '' ? key : `${parent}.${key}`;
  return path.slice(0, 200);
}
