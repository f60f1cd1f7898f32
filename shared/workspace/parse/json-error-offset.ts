/** One JSON token: text, number, word or punctuation, after white space. */
const token =
  /[ \t\n\r]*(?:(?<scalar>"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<mark>[{}[\],:]))/y;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing';

/**
 * Where text that is no JSON stops being JSON, as an offset. `JSON.parse` tells only for long texts, in words that differ
 * from one V8 to the next.
 */
export function jsonErrorOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  token.lastIndex = 0;
  for (;;) {
    const from = token.lastIndex;
    const match = token.exec(text);
    const here = from + (/^[ \t\n\r]*/.exec(text.slice(from))?.[0].length ?? 0);
    if (match === null) return here;
    const next = after(expected, match.groups ?? {}, open);
    if (next === undefined) return here;
    expected = next;
  }
}

/** What may follow a token, or undefined when the token itself may not stand here. */
function after(
  expected: Expected,
  found: Partial<Record<string, string>>,
  open: string[],
): Expected | undefined {
  const { scalar, mark } = found;
  const closed = open.at(-1);
  if (scalar !== undefined) {
    if (expected === 'key' || expected === 'key or }') return scalar.startsWith('"') ? ':' : undefined;
    return expected === 'value' || expected === 'value or ]' ? afterValue(open) : undefined;
  }
  if (mark === ':') return expected === ':' ? 'value' : undefined;
  if (mark === ',') return expected === ', or end' ? (closed === '{' ? 'key' : 'value') : undefined;
  if (mark === '{' || mark === '[') {
    if (expected !== 'value' && expected !== 'value or ]') return undefined;
    open.push(mark);
    return mark === '{' ? 'key or }' : 'value or ]';
  }
  const closes = mark === '}' ? '{' : '[';
  const mayClose = expected === ', or end' || expected === (mark === '}' ? 'key or }' : 'value or ]');
  if (!mayClose || closed !== closes) return undefined;
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'nothing' : ', or end';
}
