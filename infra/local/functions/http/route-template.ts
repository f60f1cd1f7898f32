import { parseRouteConstraint } from './route-constraint.ts';
import type { RouteConstraint } from './route-constraint.ts';

/** One path segment of a template: its pattern, the parameters in it, and how early it is tried. */
interface Segment {
  kind: 'fixed' | 'catch-all';
  pattern: RegExp;
  parameters: Parameter[];
  /** ASP.NET inbound precedence: literal 1, mixed 2, constrained 2, parameter 3, catch-all 4 or 5. */
  precedence: number;
}

interface Parameter {
  name: string;
  constraints: RouteConstraint[];
  optional: boolean;
  fallback: string | undefined;
}

/** A parsed route template such as `workspaces/{namespace}/{name:alpha?}`. */
export interface RouteTemplate {
  text: string;
  segments: Segment[];
}

/** Parses an ASP.NET route template. Throws on one that ASP.NET would refuse as well. */
export function parseRouteTemplate(text: string): RouteTemplate {
  try {
    const parts = splitOutsideBraces(text.replace(/^\/|\/$/g, ''));
    const segments = parts.filter((part) => part !== '').map(parseSegment);
    const catchAll = segments.findIndex(({ kind }) => kind === 'catch-all');
    if (catchAll >= 0 && catchAll < segments.length - 1)
      throw new Error('a catch-all must be the last segment');
    return { text, segments };
  } catch (error) {
    throw new Error(`Route '${text}': ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A regex constraint may hold slashes, which part no segments. */
function splitOutsideBraces(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === '/' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
  }
  return parts;
}

function parseSegment(text: string): Segment {
  const catchAll = /^\{(\*{1,2})(.+)\}$/s.exec(text);
  if (catchAll?.[2] !== undefined) {
    const parameter = parseParameter(catchAll[2]);
    const precedence = parameter.constraints.length > 0 ? 4 : 5;
    return { kind: 'catch-all', pattern: /^(.*)$/s, parameters: [parameter], precedence };
  }
  const parameters: Parameter[] = [];
  let pattern = '';
  let rest = text;
  while (rest !== '') {
    if (rest.startsWith('{')) {
      const end = closingBrace(rest);
      parameters.push(parseParameter(rest.slice(1, end)));
      pattern += '(.+?)';
      rest = rest.slice(end + 1);
    } else {
      const next = rest.indexOf('{');
      const literal = next < 0 ? rest : rest.slice(0, next);
      pattern += literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      rest = rest.slice(literal.length);
    }
  }
  const isMixed = parameters.length > 0 && pattern !== '(.+?)';
  return {
    kind: 'fixed',
    pattern: new RegExp(`^${pattern}$`, 'i'),
    parameters,
    precedence: rank(parameters, isMixed),
  };
}

function rank(parameters: readonly Parameter[], isMixed: boolean): number {
  if (parameters.length === 0) return 1;
  return isMixed || parameters.some(({ constraints }) => constraints.length > 0) ? 2 : 3;
}

/** Braces inside a regex constraint come doubled or balanced. */
function closingBrace(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  throw new Error('a { is not closed');
}

/** `id`, `id?`, `id=7`, `id:int:min(1)?`. */
function parseParameter(text: string): Parameter {
  const [, name, rawConstraints = '', rawDefault, optional] =
    /^(\w+)((?::\w+(?:\((?:[^()]|\([^()]*\))*\))?)*)(?:=([^?]*))?(\?)?$/s.exec(text) ?? [];
  if (name === undefined) throw new Error(`'{${text}}' is not a route parameter`);
  const constraints = [...rawConstraints.matchAll(/:(\w+(?:\((?:[^()]|\([^()]*\))*\))?)/gs)].map(
    ([, constraint = '']) => parseRouteConstraint(constraint.replaceAll('{{', '{').replaceAll('}}', '}')),
  );
  return { name, constraints, optional: optional !== undefined, fallback: rawDefault };
}

/** Route parameters of `path` (decoded), or undefined when the template does not fit. */
export function matchRoute(
  template: RouteTemplate,
  path: readonly string[],
): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [index, segment] of template.segments.entries()) {
    const given = segment.kind === 'catch-all' ? path.slice(index).join('/') : path[index];
    const values =
      given === undefined || given === '' ? absent(segment) : segment.pattern.exec(given)?.slice(1);
    if (values === undefined) return undefined;
    for (const [position, { name, constraints }] of segment.parameters.entries()) {
      const value = values[position];
      if (value === undefined) continue;
      if (!constraints.every((holds) => holds(value))) return undefined;
      found[name] = value;
    }
    if (segment.kind === 'catch-all') return found;
  }
  return path.length > template.segments.length ? undefined : found;
}

/** What stands in for a segment the path does not have: a default, nothing for an optional one, else no match. */
function absent({ kind, parameters }: Segment): (string | undefined)[] | undefined {
  const [only] = parameters;
  if (only === undefined) return undefined;
  if (only.fallback !== undefined) return [only.fallback];
  return only.optional || kind === 'catch-all' ? [undefined] : undefined;
}
