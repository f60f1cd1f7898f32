import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maximumBytes } from '../../../shared/workspace/parse/limits.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';

/** The messages of a text that must be refused. */
function refused(text: string, mediaType?: string): string {
  const parsed = parseDocument(text, mediaType);
  assert.ok(!parsed.ok, JSON.stringify(parsed));
  return parsed.faults.map(({ field, reason, message }) => `${field}|${reason}|${message}`).join('\n');
}

function accepted(text: string, mediaType?: string): unknown {
  const parsed = parseDocument(text, mediaType);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

describe('a request body', () => {
  it('may be JSON or YAML, by content type or by its look', () => {
    assert.deepEqual(accepted('{"a": [1]}', 'application/json; charset=utf-8'), { a: [1] });
    assert.deepEqual(accepted('a: [1]', 'application/yaml'), { a: [1] });
    assert.deepEqual(accepted('a: [1]', 'application/x-www-form-urlencoded'), { a: [1] });
    assert.deepEqual(accepted('{a: [1]}'), { a: [1] });
    assert.deepEqual(accepted('\uFEFF{"a": 1}'), { a: 1 });
    assert.deepEqual(accepted('---\na: 1\n---\n'), { a: 1 });
    assert.deepEqual(accepted('a: &x {b: 1}\nc: *x'), { a: { b: 1 }, c: { b: 1 } });
  });

  it('is refused as YAML when it says that it is JSON', () =>
    assert.match(refused('a: 1', 'application/json'), /not valid JSON/));

  const malformed: readonly [name: string, text: string, expected: RegExp][] = [
    ['JSON with a missing value', '{"a":\n }', /line 2, column 2: not valid JSON/],
    ['JSON cut short', '{"a": [1', /line 1, column 9: not valid JSON/],
    ['YAML with a tab', 'a:\n\tb: 1', /line 2, column 1: not valid YAML: .*[Tt]ab/],
    ['YAML with an open bracket', 'a: [1', /line 1, column 6: not valid YAML/],
    [
      'a key given twice in JSON',
      '{"a": {"b": 1,\n "b": 2}}',
      /^a\.b\|FieldValueDuplicate\|line 2, column 2: .*given twice/,
    ],
    ['a key given twice in a JSON list', '{"a": [1, {"b": {"c": 1, "c": 2}}]}', /^a\[1\]\.b\.c\|/],
    [
      'a key given twice in a YAML list',
      'a:\n- x: 1\n- b:\n    c: 1\n    c: 2',
      /^a\[1\]\.b\.c\|.*line 5, column 5/,
    ],
    ['a number and a text as one key', '1: a\n"1": b', /^1\|FieldValueDuplicate\|line 2, column 1/],
    ['an escaped key given twice in JSON', '{"a": 1, "\\u0061": 2}', /FieldValueDuplicate/],
    ['a key given twice in YAML', 'a: 1\nb: 2\na: 3', /a\|FieldValueDuplicate\|line 3, column 1/],
    ['NaN', 'a: {b: .nan}', /a\.b\|FieldValueInvalid\|NaN is not a number/],
    ['an infinity', 'a: [-.inf]', /a\[0\]\|FieldValueInvalid\|-Infinity is not a number/],
    ['binary data', 'a: [!!binary aGk=]', /^a\[0\]\|FieldValueInvalid\|a date, a set or binary data/],
    ['a set', 'a: !!set {x, y}', /^a\|FieldValueInvalid\|a date, a set/],
    ['an ordered map', '!!omap [x: 1]', /^\|FieldValueInvalid\|a date, a set/],
    ['a date of YAML 1.1', '%YAML 1.1\n---\na: 2001-01-01', /^a\|FieldValueInvalid\|a date, a set/],
    ['two JSON documents', '{"a": 1}\n{"b": 2}', /line 2, column 1: not valid JSON/],
    ['__proto__ merged in YAML', 'a:\n  <<: {__proto__: 1}', /a\.__proto__\|FieldValueForbidden/],
    ['__proto__ in JSON', '{"a": {"__proto__": {}}}', /a\.__proto__\|FieldValueForbidden/],
    ['__proto__ in YAML', '__proto__: {polluted: true}', /__proto__\|FieldValueForbidden/],
    ['two documents', 'a: 1\n---\nb: 2', /line 2, column 1: a second document/],
    ['an alias without anchor', 'a: 1\nb: *c', /line 2, column 4: no anchor/],
    ['an alias inside its own anchor', 'a: &a [1, *a]', /line 1, column 11: the alias \*a stands inside/],
    ['a list as key', '? [1]\n: 2', /line 1, column 3: a key must be plain text/],
    ['nothing', ' \n', /FieldValueRequired\|the document is empty/],
    ['a comment alone', '# later', /the document is empty/],
  ];
  for (const [name, text, expected] of malformed) {
    it(`is refused with its place: ${name}`, () => assert.match(refused(text), expected));
  }

  it('cannot blow up through aliases', () => {
    const levels = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...['b', 'c', 'd', 'e', 'f'].map(
        (key, index) => `${key}: &${key} [${`*${'abcde'[index] ?? ''},`.repeat(9)}1]`,
      ),
    ];
    assert.match(refused(levels.join('\n')), /alias/i);
    assert.match(refused(`a: &a 1\nb: [${'*a,'.repeat(200)}1]`), /more than 100 aliases/);
  });

  it('tells twenty places where a thousand are at fault, and takes no longer for it', () => {
    for (const text of [
      'a: 1\n'.repeat(1000),
      `{${'"a": 1,'.repeat(1000)}"a": 1}`,
      `[${'*a,'.repeat(50)}1]`,
      '}\n'.repeat(1000),
    ])
      assert.equal(
        refused(text, text.startsWith('{') ? 'application/json' : 'application/yaml').split('\n').length,
        20,
      );
  });

  it('may merge what an anchor holds', () => {
    assert.deepEqual(accepted('a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}'), {
      a: { x: 1, y: 2 },
      b: { x: 1, y: 3 },
    });
    assert.match(refused('a: &a {x: 1}\nb: {<<: *a, <<: *a}'), /b\.<<\|FieldValueDuplicate/);
  });

  it('is refused by size before anything reads it', () => {
    assert.match(
      refused(`{"a": "${'x'.repeat(maximumBytes)}"}`),
      /FieldValueTooLong\|the document has \d+ bytes/,
    );
    assert.match(refused('é'.repeat(maximumBytes / 2 + 1)), /FieldValueTooLong/);
    assert.equal(typeof accepted(JSON.stringify({ a: 'é'.repeat(maximumBytes / 2 - 10) })), 'object');
  });

  const deep: readonly [name: string, text: string][] = [
    ['JSON lists', '['.repeat(90_000)],
    ['JSON objects', '{"a":'.repeat(30_000)],
    ['YAML indentation', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['compact YAML lists', '- '.repeat(50_000)],
    ['nested YAML keys', '? '.repeat(50_000)],
  ];
  for (const [name, text] of deep) {
    it(`is refused by depth before anything reads it: ${name}`, () =>
      assert.match(refused(text), /nested more than 64 levels/));
  }

  it('is refused by depth when a quote hides the brackets', () => {
    assert.match(
      refused(`[a ', ${'['.repeat(100)}${']'.repeat(100)}]`, 'application/yaml'),
      /nested more than 64 levels/,
    );
    assert.match(refused(`[a ', ${'['.repeat(90_000)}`, 'application/yaml'), /FieldValueInvalid/);
  });

  it('may hold brackets in text', () => {
    assert.deepEqual(accepted(`a: "${'['.repeat(200)}"`), { a: '['.repeat(200) });
    assert.deepEqual(accepted(JSON.stringify({ a: '{"'.repeat(200) })), { a: '{"'.repeat(200) });
  });
});
