import { badRequest } from '../status.ts';

export type Labels = Record<string, string>;

/**
 * Parses a label selector (`a=b,c!=d,e in (f,g),h notin (i),j,!k`) into a test. Throws 400 on anything else.
 */
export function parseLabelSelector(selector: string): (labels: Labels) => boolean {
  const tests = splitRequirements(selector).map(parseRequirement);
  return (labels) => tests.every((test) => test(labels));
}

/** Commas inside parentheses belong to a value list. */
function splitRequirements(selector: string): string[] {
  return (selector.match(/(?:[^,(]|\([^)]*\))+/g) ?? [])
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

const key = '[A-Za-z0-9][-A-Za-z0-9_./]*';
const setBased = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^)]*)\\)$`);
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const existence = new RegExp(`^(!?)\\s*(${key})$`);

function parseRequirement(text: string): (labels: Labels) => boolean {
  const [, listKey, operator, list] = setBased.exec(text) ?? [];
  if (listKey !== undefined && list !== undefined) {
    const values = new Set(list.split(',').map((value) => value.trim()));
    const isIn = (labels: Labels): boolean => has(labels, listKey) && values.has(labels[listKey] ?? '');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const [, name, sign, value] = equality.exec(text) ?? [];
  if (name !== undefined)
    return (labels) => (has(labels, name) && labels[name] === value) === (sign !== '!=');
  const [, negation, present] = existence.exec(text) ?? [];
  if (present !== undefined) return (labels) => has(labels, present) === (negation === '');
  throw badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
}

function has(labels: Labels, name: string): boolean {
  return Object.hasOwn(labels, name);
}
