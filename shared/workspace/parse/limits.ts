import { CauseReason, type Fault } from '../fault.ts';

/** Largest body either door takes, in bytes of UTF-8: what Service Bus carries with room for its envelope. */
export const maximumBytes = 192 * 1024;
/** Deepest nesting: a pod template needs about 12. */
export const maximumDepth = 64;
/** Aliases one YAML document may expand to. */
export const maximumAliases = 100;

/** Refuses what is too large or too deep by looking at the characters alone, before any parser recurses into it. */
export function beyondLimits(text: string): Fault | undefined {
  // A UTF-16 unit is at most three bytes, so short text needs no count.
  const bytes = text.length * 3 <= maximumBytes ? 0 : Buffer.byteLength(text, 'utf8');
  if (bytes > maximumBytes) {
    return {
      field: '',
      reason: CauseReason.TooLong,
      message: `the document has ${bytes} bytes; at most ${maximumBytes} are accepted`,
      remedy: 'send the Workspace alone, and keep scripts and data in images or ConfigMaps',
    };
  }
  const line = tooDeepAt(text);
  if (line === undefined) return undefined;
  return {
    field: '',
    reason: CauseReason.Invalid,
    message: `line ${line}: nested more than ${maximumDepth} levels deep`,
    remedy: 'flatten the document',
  };
}

/**
 * The line where brackets or indentation nest too deep; undefined when they do not. Brackets in quoted text do not count.
 * Indentation counts as YAML nests: by the stack of indents, plus one for each `- ` or `? ` in front of a line's content.
 */
function tooDeepAt(text: string): number | undefined {
  const indents: number[] = [];
  let brackets = 0;
  let line = 0;
  for (const content of text.split('\n')) {
    line += 1;
    brackets = bracketsAfter(content, brackets);
    if (brackets > maximumDepth) return line;
    const markers = /^ *((?:[-?][ \t]+)*)/.exec(content);
    const indent = (markers?.[0].length ?? 0) - (markers?.[1]?.length ?? 0);
    if (content.trim() === '') continue;
    while ((indents.at(-1) ?? -1) >= indent) indents.pop();
    indents.push(indent);
    const compact = markers?.[1]?.replace(/[ \t]/g, '').length ?? 0;
    if (indents.length + compact > maximumDepth) return line;
  }
  return undefined;
}

/** Open brackets at the end of a line, or at its deepest point when that is beyond the limit. */
function bracketsAfter(line: string, open: number): number {
  let depth = open;
  let quote = '';
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? '';
    if (quote !== '') {
      if (character === '\\' && quote === '"') index += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || (character === "'" && !/\w/.test(line[index - 1] ?? '')))
      quote = character;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > maximumDepth) return depth;
    } else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
  }
  return depth;
}
