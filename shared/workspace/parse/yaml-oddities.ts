import { isAlias, isMap, isNode, isPair, isScalar, isSeq, visit, type Document } from 'yaml';
import type { Alias, Node, Pair, YAMLMap } from 'yaml';
import { CauseReason, type Fault } from '../fault.ts';
import { maximumAliases } from './limits.ts';
import { duplicate, placeOf, reportedPlaces } from './places.ts';

type Ancestors = readonly (Document | Node | Pair)[];

export function hasContent(document: Document): boolean {
  const { contents } = document;
  const blank = contents === null || (isScalar(contents) && contents.value === null);
  return !blank || document.errors.length > 0;
}

/**
 * What YAML allows and Kubernetes objects do not: keys that are no text or given twice, aliases that lead nowhere or to themselves, and
 * too many of them. One pass, whatever the text holds: the parser's own look-ups walk the document once for each alias and key.
 */
export function odditiesOf(text: string, document: Document): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Set<string>();
  let aliases = 0;
  const refuse = (node: Node, message: string, rest: Partial<Fault> = {}): void => {
    const place = placeOf(text, node.range?.[0] ?? 0);
    faults.push({ field: '', reason: CauseReason.Invalid, message: `${place}: ${message}`, ...rest });
  };
  visit(document, {
    Node: (_, node, ancestors) => {
      if (isAlias(node)) {
        aliases += 1;
        refuseAlias(node, ancestors);
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
      if (isMap(node)) refuseKeys(node, ancestors);
      return aliases > maximumAliases || faults.length >= reportedPlaces ? visit.BREAK : undefined;
    },
  });
  return faults;

  function refuseAlias(alias: Alias, ancestors: Ancestors): void {
    if (aliases > maximumAliases) {
      const rest = { reason: CauseReason.TooMany, remedy: 'write the values out' };
      refuse(alias, `more than ${maximumAliases} aliases`, rest);
    } else if (!anchors.has(alias.source)) {
      const remedy = 'set the anchor first, or put the value in quotes';
      refuse(alias, `no anchor &${alias.source} stands before this alias`, { remedy });
    } else if (standsInside(alias, ancestors)) {
      refuse(alias, `the alias *${alias.source} stands inside its own anchor`, { remedy: 'write it out' });
    }
  }

  function refuseKeys(map: YAMLMap, ancestors: Ancestors): void {
    const keys = new Set<string>();
    for (const { key } of map.items) {
      if (faults.length >= reportedPlaces) return;
      if (isAlias(key)) continue;
      if (!isScalar(key)) {
        const at = isNode(key) ? key : map;
        refuse(at, 'a key must be plain text, not a list or an object', {
          remedy: 'write text before the colon',
        });
        continue;
      }
      const name = nameOf(key.value);
      if (keys.has(name))
        faults.push(duplicate(stepsTo(map, ancestors), name, placeOf(text, key.range?.[0] ?? 0)));
      keys.add(name);
    }
  }
}

function standsInside({ source }: Alias, ancestors: Ancestors): boolean {
  return ancestors.some((each) => 'anchor' in each && each.anchor === source);
}

/** The key as JSON text has it: `1` and `"1"` are one. The merge key `<<` is read as a symbol. */
function nameOf(key: unknown): string {
  if (typeof key === 'symbol') return key.description ?? '';
  return typeof key === 'string' ? key : key === null ? '' : JSON.stringify(key);
}

/** The keys and indices that lead to a node. */
function stepsTo(node: Node, ancestors: Ancestors): (string | number)[] {
  const below = [...ancestors.slice(1), node];
  return ancestors.flatMap((each, index): readonly (string | number)[] => {
    if (isSeq(each)) return [each.items.findIndex((item) => item === below[index])];
    return isPair(each) && isScalar(each.key) ? [nameOf(each.key.value)] : [];
  });
}
