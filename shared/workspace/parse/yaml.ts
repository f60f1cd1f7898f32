import { Composer, Parser, type CST, type Document, type YAMLError } from 'yaml';
import { CauseReason, type Fault } from '../fault.ts';
import type { Parsed } from './parsed.ts';
import { emptyDocument, placeOf, reportedPlaces } from './places.ts';
import { maximumAliases } from './limits.ts';
import { hasContent, odditiesOf } from './yaml-oddities.ts';

/** Reads one YAML document (YAML 1.2 core schema, with merge keys as kubectl reads them). */
export function parseYaml(text: string): Parsed {
  const composer = new Composer({
    merge: true,
    logLevel: 'silent',
    prettyErrors: false,
    // The parser compares every key with every other; `odditiesOf` finds what is given twice in one pass.
    uniqueKeys: false,
  });
  const tokens = untilFaults(new Parser().parse(text));
  const documents: Document[] = [...composer.compose(tokens, true, text.length)].filter(hasContent);
  const [document, second] = documents;
  if (document === undefined) return { ok: false, faults: [emptyDocument] };
  const errors = documents.flatMap((each) => each.errors).slice(0, reportedPlaces);
  const faults = errors.map((error) => syntaxFault(text, error));
  if (second !== undefined) {
    faults.push({
      field: '',
      reason: CauseReason.Invalid,
      message: `${placeOf(text, second.range?.[0] ?? 0)}: a second document starts here; one Workspace is read at a time`,
      remedy: 'send each document of the file by itself, ConfigMaps and Secrets with kubectl apply',
    });
  }
  faults.push(...odditiesOf(text, document));
  if (faults.length > 0) return { ok: false, faults };
  const value: unknown = document.toJS({ maxAliasCount: maximumAliases });
  return { ok: true, value };
}

/** Tokens up to as many faults as are told: each costs the composer an error with its stack. */
function* untilFaults(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let faults = 0;
  for (const token of tokens) {
    yield token;
    if (token.type === 'error') faults += 1;
    if (faults >= reportedPlaces) return;
  }
}

function syntaxFault(text: string, error: YAMLError): Fault {
  return {
    field: '',
    reason: CauseReason.Invalid,
    message: `${placeOf(text, error.pos[0])}: not valid YAML: ${error.message.slice(0, 160)}`,
    remedy: 'mend the YAML at this place, or send JSON with content type application/json',
  };
}
