/** One code-and-message pair found anywhere in an Azure error. */
export interface ErrorSign {
  code: string;
  message: string;
}

/** Deeper than Azure nests; a guard against a body made to hurt. */
const maxDepth = 32;

/** Where Azure hides codes inside message text; the first group is the code. */
const codesInText = [
  /\b(?:Sub)?Code\s*[=:]\s*\\?["']?([A-Za-z_][\w]*)/g,
  /\berror ?code\s*[=:]\s*\\?["']?([A-Za-z_][\w]*)/gi,
];

/**
 * Every sign in an error body, the outermost first. Takes all three shapes: the AKS resource provider's flat body, ARM's
 * `{ error }`, and the nested detail of asynchronous operations; codes inside message text count too.
 */
export function findSigns(body: unknown): ErrorSign[] {
  return walk(body, 0);
}

function walk(value: unknown, depth: number): ErrorSign[] {
  if (depth > maxDepth || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, depth));
  const fields = new Map<string, unknown>(Object.entries(value));
  const message = textOf(fields.get('message'));
  const signs: ErrorSign[] = [];
  for (const name of ['code', 'subcode']) {
    const code = textOf(fields.get(name));
    if (code !== '') signs.push({ code, message });
  }
  signs.push(...signsInText(message, depth));
  for (const name of ['error', 'details', 'innererror', 'innerError', 'provisioningError']) {
    signs.push(...walk(fields.get(name), depth + 1));
  }
  return signs;
}

/** Codes written into a message, and whole JSON errors that some providers paste there. */
function signsInText(message: string, depth: number): ErrorSign[] {
  const named = codesInText.flatMap((pattern) =>
    [...message.matchAll(pattern)].flatMap(([, code]) => (code === undefined ? [] : [{ code, message }])),
  );
  const start = message.indexOf('{');
  const end = message.lastIndexOf('}');
  if (start < 0 || end < start) return named;
  const pasted = parseJson(message.slice(start, end + 1));
  return [...named, ...walk(pasted, depth + 1)];
}

/** Parses a response body; undefined when it is not JSON. */
export function parseJson(text: string | null | undefined): unknown {
  if (text === undefined || text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined; // a proxy's HTML page or prose: the status and the text itself are classified instead
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
