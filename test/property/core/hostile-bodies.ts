/**
 * Bodies near the size limit, made to be slow or to make a long answer: many keys, aliases, documents, faults, long names. What has once
 * taken seconds stands here for good.
 */
import fc from 'fast-check';
import { maximumBytes } from '../../../shared/workspace/parse/limits.ts';

type Draft = Record<string, unknown>;

const size = maximumBytes - 2048;

function many(piece: string): string {
  return piece.repeat(Math.floor(size / piece.length));
}

function numbered(piece: (index: number) => string): string {
  const pieces: string[] = [];
  for (let length = 0, index = 0; length < size; index += 1) {
    const next = piece(index);
    pieces.push(next);
    length += next.length;
  }
  return pieces.join('');
}

function list<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

function fields(count: number, name: (index: number) => string): Draft {
  return Object.fromEntries(list(count, (index) => [name(index), 'x']));
}

function workspace(rest: Draft): string {
  const resource = { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: {} };
  const base = { apiVersion: 'kaito.sh/v1beta1', kind: 'Workspace', metadata: { name: 'a' }, resource };
  return JSON.stringify({ ...base, inference: { preset: { name: 'phi-4' } }, ...rest });
}

function adapters(count: number, image: string, name = (index: number) => `a${index}`): string {
  const each = list(count, (index) => ({ source: { name: name(index), image }, strength: 'x' }));
  return workspace({ inference: { preset: { name: 'phi-4' }, adapters: each } });
}

function tuning(urls: string[]): string {
  const rest = { method: 'lora', preset: { name: 'phi-4' }, output: {} };
  return workspace({ inference: undefined, tuning: { ...rest, input: { urls } } });
}

function labelled(matchLabels: Draft): string {
  return workspace({
    resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: { matchLabels } },
  });
}

const flat = '['.repeat(60) + '1' + ']'.repeat(60);

/** By what makes each of them hard. */
export const hostileBodies: Readonly<Record<string, string>> = {
  'a JSON list': `[${many('1,')}1]`,
  'JSON keys': `{${numbered((index) => `"k${index}":1,`)}"z":1}`,
  'JSON keys given twice': `{${many('"a":1,')}"a":1}`,
  'JSON that ends badly': `{"a":[${many('"x" ,')}}`,
  'blanks in JSON': `{${' '.repeat(size)}"a":1`,
  'YAML keys': numbered((index) => `k${index}: 1\n`),
  'YAML keys given twice': many('a: 1\n'),
  'YAML flow keys': `a: {${numbered((index) => `k${index}: 1,`)}}`,
  'explicit YAML keys': many('? a\n'),
  'YAML anchors': numbered((index) => `- &a${index} x\n`),
  'YAML aliases': `a: &a 1\nb: [${many('*a,')}]`,
  'YAML aliases to nothing': `a: [${many('*a,')}]`,
  'a hundred aliases of a long list': `a: &a [${'1,'.repeat(60_000)}]\nb: [${'*a,'.repeat(100)}]`,
  'merge keys': `a: &a {x: 1}\n${numbered((index) => `b${index}: {<<: *a}\n`)}`,
  'unknown YAML tags': many('- !foo a\n'),
  'YAML documents': many('---\na\n'),
  'YAML comments': `${many('# x\n')}a: 1`,
  'a folded text': `a: >\n${many(' x\n\n')}`,
  'nested YAML lists': many('- - - - - - a\n'),
  'nested flow lists': `a: [${many(`${flat},`)}]`,
  'nested flow lists as keys': `a: ${many(`${flat}\n`)}`,
  'closing brackets': many('}'),
  'YAML directives': many('%a\n'),
  colons: many(': '),
  'unknown fields': workspace({ resource: fields(9000, (index) => `field${index}`) }),
  'unknown fields of metadata': workspace({ metadata: fields(9000, (index) => `field${index}`) }),
  'KAITO annotations': workspace({
    metadata: { name: 'a', annotations: fields(7000, (index) => `kaito.sh/a${index}`) },
  }),
  'Slipway annotations': workspace({
    metadata: { name: 'a', annotations: fields(7000, (index) => `slipway.dev/a${index}`) },
  }),
  labels: labelled(fields(9000, (index) => `a b${index}`)),
  'a long label': labelled({ [many('a.')]: 'x' }),
  'a long preset name': workspace({ inference: { preset: { name: many('a/') } } }),
  'a long instance type': workspace({ resource: { instanceType: many('a'), labelSelector: {} } }),
  'a long config name': workspace({ inference: { preset: { name: 'phi-4' }, config: many('a') } }),
  adapters: adapters(2000, 'a'),
  'adapters of one long name': adapters(2, 'a', () => 'a'.repeat(90_000)),
  images: adapters(300, `a${'-a'.repeat(250)}!`),
  'images of dashes': adapters(300, `a${'-'.repeat(500)}!`),
  'images of words': adapters(300, `${'a'.repeat(500)}!`),
  'a long strength': workspace({
    inference: {
      preset: { name: 'phi-4' },
      adapters: [{ source: { name: 'a', image: 'a' }, strength: many('1') }],
    },
  }),
  URLs: tuning(list(9000, () => 'http://10.0.0.1')),
  'a long URL': tuning([`http://${many('a.')}`]),
  'a URL of slashes': tuning([`gopher:${many('//')}`]),
  'a URL of at signs': tuning([`ftp://${many('/@')}`]),
};

export const hostile: fc.Arbitrary<string> = fc.constantFrom(...Object.values(hostileBodies));
