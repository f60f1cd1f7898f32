/** Bodies that neither door may accept, and what must be said about each. */
import { workspaceDocument } from '../../../harness/workspaces.ts';

export interface BrokenBody {
  what: string;
  body: string;
  /** HTTP status; 422 when it is a document at all. */
  status: 400 | 413 | 422;
  /** Fields of the causes that must be named; others may be there too. */
  fields: string[];
  /** In the message of a cause. */
  says: RegExp;
  /** Only the name is missing, which the path of a PUT would give. */
  nameless?: true;
}

type Document = Record<string, unknown>;

/** The valid document with some of its sections replaced; undefined takes one away. */
function altered(change: Document): string {
  return JSON.stringify({ ...workspaceDocument('broken'), ...change });
}

const metadata = (change: Document): string => altered({ metadata: { name: 'broken', ...change } });
const resource = (change: Document): string =>
  altered({
    resource: {
      instanceType: 'Standard_NC24ads_A100_v4',
      labelSelector: { matchLabels: { apps: 'x' } },
      ...change,
    },
  });
const inference = (change: Document): string =>
  altered({ inference: { preset: { name: 'phi-3-mini-4k-instruct' }, ...change } });
const text = altered({});
const yaml = (...lines: string[]): string => lines.join('\n');

const unreadable: BrokenBody[] = [
  { what: 'nothing', body: '', status: 400, fields: [], says: /no body|empty/ },
  { what: 'white space', body: ' \n\t', status: 400, fields: [''], says: /empty/ },
  { what: 'only a comment', body: '# nothing', status: 400, fields: [''], says: /empty/ },
  {
    what: 'JSON cut off',
    body: text.slice(0, 60),
    status: 400,
    fields: [''],
    says: /line 1, column \d+: not valid JSON/,
  },
  {
    what: 'JSON with a trailing comma',
    body: '{"a": 1,\n "b": 2,}',
    status: 400,
    fields: [''],
    says: /line 2, column 9/,
  },
  {
    what: 'JSON with a bare word',
    body: text.replace('"Workspace"', 'Workspace'),
    status: 400,
    fields: [''],
    says: /line 1, column \d+/,
  },
  {
    what: 'a doubled key in JSON',
    body: text.replace('"kind"', '"kind":"Workspace","kind"'),
    status: 400,
    fields: ['kind'],
    says: /"kind" is given twice/,
  },
  {
    what: 'YAML badly indented',
    body: yaml('kind: Workspace', 'metadata:', '   name: x', '  labels: {}'),
    status: 400,
    fields: [''],
    says: /line [34], column \d+: not valid YAML/,
  },
  {
    what: 'a doubled key in YAML',
    body: yaml('kind: Workspace', 'metadata: {name: a}', 'kind: Pod'),
    status: 400,
    fields: ['kind'],
    says: /line 3, column 1: the key "kind" is given twice/,
  },
  {
    what: 'YAML with a tab',
    body: 'kind: Workspace\nmetadata:\n\tname: x',
    status: 400,
    fields: [''],
    says: /line 3/,
  },
  {
    what: 'an alias without its anchor',
    body: 'kind: *nothing',
    status: 400,
    fields: [''],
    says: /no anchor &nothing/,
  },
  { what: 'an alias bomb', body: aliasBomb(), status: 400, fields: [''], says: /alias/ },
  {
    what: 'two YAML documents',
    body: yaml('kind: Workspace', '---', 'kind: ConfigMap'),
    status: 400,
    fields: [''],
    says: /line \d, column \d+: a second document/,
  },
  {
    what: 'JSON nested too deep',
    body: `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
    status: 400,
    fields: [''],
    says: /levels deep/,
  },
  {
    what: 'a list nested a hundred thousand deep',
    body: '['.repeat(100_000),
    status: 400,
    fields: [''],
    says: /levels deep/,
  },
  {
    what: '__proto__ in JSON',
    body: text.replace('"kind"', '"__proto__":{"polluted":true},"kind"'),
    status: 400,
    fields: ['__proto__'],
    says: /__proto__ is not accepted/,
  },
  {
    what: 'NaN in YAML',
    body: yaml('kind: Workspace', 'resource: {count: .nan}'),
    status: 400,
    fields: ['resource.count'],
    says: /NaN/,
  },
  {
    what: 'NaN in JSON',
    body: text.replace('"resource":{', '"resource":{"count":NaN,'),
    status: 400,
    fields: [''],
    says: /line 1, column \d+/,
  },
  {
    what: 'a list as a YAML key',
    body: '? [a]\n: b',
    status: 400,
    fields: [''],
    says: /key must be plain text/,
  },
  {
    what: 'more than 192 KB',
    body: metadata({ annotations: { a: 'x'.repeat(193 * 1024) } }),
    status: 413,
    fields: [],
    says: /limit|at most/,
  },
  { what: 'HTML', body: '<!doctype html><p>Not found</p>', status: 422, fields: [''], says: /must be/ },
];

const invalid: BrokenBody[] = [
  { what: 'a list', body: '[]', status: 422, fields: [''], says: /list|object/ },
  { what: 'a text', body: '"Workspace"', status: 422, fields: [''], says: /object/ },
  { what: 'a number', body: '42', status: 422, fields: [''], says: /object/ },
  {
    what: 'an empty object',
    body: '{}',
    status: 422,
    fields: ['kind', 'apiVersion', 'metadata', 'inference'],
    says: /required/,
  },
  {
    what: 'a Pod',
    body: altered({ kind: 'Pod' }),
    status: 422,
    fields: ['kind'],
    says: /"Pod" is not supported/,
  },
  {
    what: 'an apiVersion of the future',
    body: altered({ apiVersion: 'kaito.sh/v2' }),
    status: 422,
    fields: ['apiVersion'],
    says: /kaito\.sh\/v2/,
  },
  {
    what: 'no name',
    nameless: true,
    body: altered({ metadata: { namespace: 'default' } }),
    status: 422,
    fields: ['metadata.name'],
    says: /required/,
  },
  {
    what: 'generateName',
    nameless: true,
    body: altered({ metadata: { generateName: 'x-' } }),
    status: 422,
    fields: ['metadata.name'],
    says: /generateName is not supported/,
  },
  {
    what: 'a name in capitals',
    body: metadata({ name: 'Broken' }),
    status: 422,
    fields: ['metadata.name'],
    says: /not a DNS label/,
  },
  {
    what: 'a name that is a path',
    body: metadata({ name: '../../pods' }),
    status: 422,
    fields: ['metadata.name'],
    says: /not a DNS label/,
  },
  {
    what: 'a name of 64 letters',
    body: metadata({ name: 'x'.repeat(64) }),
    status: 422,
    fields: ['metadata.name'],
    says: /63/,
  },
  {
    what: 'a name with a line break',
    body: metadata({ name: 'a\r\nX-Injected: 1' }),
    status: 422,
    fields: ['metadata.name'],
    says: /not a DNS label/,
  },
  {
    what: 'a number as name',
    body: metadata({ name: 7 }),
    status: 422,
    fields: ['metadata.name'],
    says: /must be text/,
  },
  {
    what: 'a namespace that is a path',
    body: metadata({ namespace: '..' }),
    status: 422,
    fields: ['metadata.namespace'],
    says: /not the name of a namespace/,
  },
  {
    what: 'a number as annotation',
    body: metadata({ annotations: { 'kaito.sh/runtime': 1 } }),
    status: 422,
    fields: ['metadata.annotations[kaito.sh/runtime]'],
    says: /must be text/,
  },
  {
    what: 'a misspelt section',
    body: altered({ resources: {} }),
    status: 422,
    fields: ['resources'],
    says: /resource/,
  },
  { what: 'a spec', body: altered({ spec: {} }), status: 422, fields: ['spec'], says: /no spec/ },
  {
    what: 'a misspelt field',
    body: resource({ instanceTyp: 'x' }),
    status: 422,
    fields: ['resource.instanceTyp'],
    says: /instanceType/,
  },
  {
    what: 'inference and tuning',
    body: altered({ tuning: { preset: { name: 'phi-3-mini-4k-instruct' } } }),
    status: 422,
    fields: ['tuning'],
    says: /exclusive: specify one, but not both/,
  },
  {
    what: 'neither inference nor tuning',
    body: altered({ inference: undefined }),
    status: 422,
    fields: ['inference'],
    says: /one of/,
  },
  {
    what: 'an unknown preset',
    body: inference({ preset: { name: 'phi-3-mini-4k-instruc' } }),
    status: 422,
    fields: ['inference.preset.name'],
    says: /phi-3-mini-4k-instruct/,
  },
  {
    what: 'no instance type',
    body: altered({ resource: { labelSelector: { matchLabels: { apps: 'x' } } } }),
    status: 422,
    fields: ['resource.instanceType'],
    says: /required/,
  },
  {
    what: 'an instance type of another cloud',
    body: resource({ instanceType: 'p4d.24xlarge' }),
    status: 422,
    fields: ['resource.instanceType'],
    says: /p4d\.24xlarge/,
  },
  {
    what: 'a count in quotes',
    body: resource({ count: '2' }),
    status: 422,
    fields: ['resource.count'],
    says: /number|integer/,
  },
  {
    what: 'half a node',
    body: resource({ count: 1.5 }),
    status: 422,
    fields: ['resource.count'],
    says: /whole|integer/,
  },
  {
    what: 'null for a section',
    body: altered({ resource: null }),
    status: 422,
    // As if it were not there, like the API server.
    fields: ['resource.instanceType'],
    says: /instanceType is required/,
  },
  {
    what: 'a text for a section',
    body: altered({ inference: 'phi' }),
    status: 422,
    fields: ['inference'],
    says: /object/,
  },
  {
    what: 'eleven adapters',
    body: inference({
      adapters: Array.from({ length: 11 }, (_, index) => ({ source: { name: `a${index}`, image: 'a/b:1' } })),
    }),
    status: 422,
    fields: ['inference.adapters'],
    says: /10/,
  },
  {
    what: 'three things wrong at once',
    body: altered({ kind: undefined, resource: { count: 'x' }, inference: { preset: { name: 'none' } } }),
    status: 422,
    fields: ['kind', 'resource.count', 'inference.preset.name'],
    says: /required/,
  },
];

/** A workspace with one option of lifetime, and the fault it must be told. */
function limited(what: string, annotation: string, value: string, says: RegExp): BrokenBody {
  const key = `slipway.dev/${annotation}`;
  return {
    what,
    body: metadata({ annotations: { [key]: value } }),
    status: 422,
    fields: [`metadata.annotations[${key}]`],
    says,
  };
}

const badLimits: BrokenBody[] = [
  limited('a time to live that is no duration', 'ttl', 'soon', /"soon" is not a duration/),
  limited('an expiry that is no time', 'expires-at', '2026-13-40', /RFC 3339/),
  limited('an expiry that does something else', 'on-expiry', 'archive', /"archive" is not supported/),
  limited('a suspension that is a guess', 'suspended', 'yes', /"yes" is not supported/),
  limited('a schedule that is no cron expression', 'suspend-schedule', 'at night', /not a cron expression/),
  limited('a schedule without its other half', 'resume-schedule', '0 7 * * *', /stands alone/),
  limited('a time zone on no map', 'schedule-time-zone', 'Europe/Atlantis', /not a known time zone/),
];

export const brokenBodies: readonly BrokenBody[] = [...unreadable, ...invalid, ...badLimits];

function aliasBomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x, x]'
      : `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  );
  return levels.join('\n');
}
