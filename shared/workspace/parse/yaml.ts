import { isAlias, isScalar, parseAllDocuments, visit, type Document, type YAMLError } from 'yaml';
import { CauseReason, type Fault } from '../fault.ts';
import type { Parsed } from './parsed.ts';
import { duplicate, placeOf } from './json.ts';
import { maximumAliases } from './limits.ts';

/** Reads one YAML document (YAML 1.2 core schema, with merge keys as kubectl reads them). */
export function parseYaml(text: string): Parsed {
  const all = parseAllDocuments(text, {
    merge: true,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const documents: Document[] = Array.isArray(all) ? all.filter(hasContent) : [];
  const [document] = documents;
  if (document === undefined) return { ok: false, faults: [emptyDocument] };
  const faults = documents.flatMap((each) => each.errors.map((error) => syntaxFault(text, error)));
  if (documents.length > 1) {
    faults.push({
      field: '',
      reason: CauseReason.Invalid,
      message: `${placeOf(text, documents[1]?.range?.[0] ?? 0)}: a second document starts here; one Workspace is read at a time`,
      remedy: 'send each document of the file by itself, ConfigMaps and Secrets with kubectl apply',
    });
  }
  faults.push(...odditiesOf(text, document));
  if (faults.length > 0) return { ok: false, faults };
  const value: unknown = document.toJS({ maxAliasCount: maximumAliases });
  return { ok: true, value };
}

export const emptyDocument: Fault = {
  field: '',
  reason: CauseReason.Required,
  message: 'the document is empty',
  remedy: 'send a Workspace as JSON or YAML',
};

function hasContent(document: Document): boolean {
  const { contents } = document;
  const blank = contents === null || (isScalar(contents) && contents.value === null);
  return !blank || document.errors.length > 0;
}

function syntaxFault(text: string, error: YAMLError): Fault {
  const place = placeOf(text, error.pos[0]);
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^:\n]{0,80}/.exec(text.slice(error.pos[0]))?.[0].trim() ?? '';
    return duplicate(key, place);
  }
  return {
    field: '',
    reason: CauseReason.Invalid,
    message: `${place}: not valid YAML: ${error.message.slice(0, 160)}`,
  };
}

/** What YAML allows and Kubernetes objects do not: keys that are no text, and too many aliases. */
function odditiesOf(text: string, document: Document): Fault[] {
  const faults: Fault[] = [];
  let aliases = 0;
  visit(document, {
    Alias: (_, node) => {
      aliases += 1;
      if (node.resolve(document) === undefined) {
        const message = `${placeOf(text, node.range?.[0] ?? 0)}: no anchor &${node.source} stands before this alias`;
        faults.push({ field: '', reason: CauseReason.Invalid, message });
      }
      if (aliases !== maximumAliases + 1) return;
      const message = `${placeOf(text, node.range?.[0] ?? 0)}: more than ${maximumAliases} aliases`;
      faults.push({ field: '', reason: CauseReason.TooMany, message, remedy: 'write the values out' });
    },
    Pair: (_, pair) => {
      if (isScalar(pair.key) || isAlias(pair.key)) return;
      faults.push({
        field: '',
        reason: CauseReason.Invalid,
        message: 'a key must be plain text, not a list or an object',
      });
    },
  });
  return faults;
}
